package dev.millrace.flows.fakes;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** Answers with what a test wants, and remembers how it was called. */
public final class FakeModels implements ChatModels {
  private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
  private final Function<Call, String> script;

  public FakeModels(Function<Call, String> script) {
    this.script = script;
  }

  /** Answers "answer 1", "answer 2", …. */
  public static FakeModels counting() {
    var count = new AtomicInteger();
    return new FakeModels(call -> "answer " + count.incrementAndGet());
  }

  /** Returns the calls so far. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** Returns the messages of a call as {@code role: content}. */
  public static List<String> messages(Call call) {
    return call.messages().stream().map(FakeModels::line).toList();
  }

  private static String line(ChatTurn turn) {
    return turn.role() + ": " + turn.content();
  }

  @Override
  public Set<String> supported() {
    return Set.of("chatOpenAI");
  }

  @Override
  public Answer call(Call call, ChatListener listener, Cancellation cancellation) {
    calls.add(call);
    String text = script.apply(call);
    cancellation.throwIfCancelled();
    if (call.stream()) {
      listener.token("");
      for (String piece : text.split("(?<= )", -1)) {
        listener.token(piece);
      }
    }
    ObjectNode structured =
        call.schema() != null && Json.readOrMissing(text) instanceof ObjectNode object
            ? object
            : null;
    return new Answer(text, structured, null, usage(), response());
  }

  private static ObjectNode usage() {
    ObjectNode usage =
        Json.object().put("input_tokens", 10).put("output_tokens", 5).put("total_tokens", 15);
    usage.set("input_token_details", Json.object());
    usage.set("output_token_details", Json.object());
    return usage;
  }

  private static ObjectNode response() {
    return Json.object().put("finish_reason", "stop").put("model_name", "m");
  }
}
