package dev.millrace.platform.cli;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.ModelException;
import dev.millrace.flows.models.ToolRound;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Models that say what a file says. An entry of {@code script} is a text, {@code {"text": "…"}},
 * {@code {"json": {…}}} for a structured answer, {@code {"tool": {"name": …, "args": {…}}}}, or
 * {@code {"error": "…"}}. One that names a {@code node}, by id or label, or a {@code model} answers
 * the next call of that; the others answer in order what no such entry answers; then comes {@code
 * always}, else {@code answer N}. Thread-safe.
 */
final class ScriptedModels implements ChatModels {
  /** The node that a model is asked for. */
  private static final ScopedValue<FlowNode> NODE = ScopedValue.newInstance();

  private final JsonNode script;
  private final @Nullable JsonNode always;
  private final ReentrantLock lock = new ReentrantLock();
  private final BitSet used = new BitSet(); // guarded by lock
  private int calls; // guarded by lock

  /**
   * @param file {@code {"script": […], "always": …}}, or the list alone
   */
  ScriptedModels(JsonNode file) {
    this.script = file.isArray() ? file : file.path("script");
    this.always = file.get("always");
  }

  /** Returns a runner whose calls of models are known to be its node's. */
  NodeRunner hearing(NodeRunner runner) {
    return new NodeRunner() {
      @Override
      public NodeOutcome run(NodeContext context) {
        return ScopedValue.where(NODE, context.node()).call(() -> runner.run(context));
      }

      @Override
      public boolean hasEffects() {
        return runner.hasEffects();
      }
    };
  }

  @Override
  public Set<String> supported() {
    return KNOWN;
  }

  @Override
  public Answer call(Call call, ChatListener listener, Cancellation cancellation) {
    cancellation.throwIfCancelled();
    var entry = next(call);
    if (entry.has("error")) {
      throw new ModelException(entry.path("error").asString(""), 500, null);
    }
    if (entry.has("tool")) {
      return calling(entry.path("tool"));
    }
    var structured = call.schema() == null ? null : structured(entry);
    var words = entry.has("text") ? entry.path("text") : entry.path("json");
    var text = entry.isString() ? entry.stringValue() : JsonText.of(words);
    if (call.stream()) {
      listener.token(text);
    }
    return new Answer(text, structured, null, Json.object(), Json.object());
  }

  private static Answer calling(JsonNode tool) {
    var arguments = tool.path("args").isObject() ? tool.path("args").toString() : "{}";
    var call =
        new ToolRound.Call("call_" + UUID.randomUUID(), tool.path("name").asString(""), arguments);
    return new Answer("", null, null, Json.object(), Json.object(), List.of(call), Json.object());
  }

  private static @Nullable ObjectNode structured(JsonNode entry) {
    if (entry.path("json") instanceof ObjectNode object) {
      return object;
    }
    return Json.readOrMissing(entry.asString("")) instanceof ObjectNode object ? object : null;
  }

  private JsonNode next(Call call) {
    lock.lock();
    try {
      calls++;
      var place = first(call, true);
      place = place < 0 ? first(call, false) : place;
      if (place >= 0) {
        used.set(place);
        return script.path(place);
      }
      return always != null ? always : Json.text("answer " + calls);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns the first entry left for a call: of those that name whom they answer, or the others.
   */
  private int first(Call call, boolean naming) {
    for (var place = used.nextClearBit(0);
        place < script.size();
        place = used.nextClearBit(place + 1)) {
      var entry = script.path(place);
      var names = entry.has("node") || entry.has("model");
      if (names == naming && (!names || answers(entry, call))) {
        return place;
      }
    }
    return -1;
  }

  private static boolean answers(JsonNode entry, Call call) {
    var node = entry.path("node").asString("");
    var asking = NODE.isBound() ? NODE.get() : null;
    var model = entry.path("model").asString("");
    return (node.isEmpty()
            || (asking != null && (node.equals(asking.id()) || node.equals(asking.label()))))
        && (model.isEmpty()
            || model.equals(call.model())
            || model.equals(call.config().path("modelName").asString("")));
  }
}
