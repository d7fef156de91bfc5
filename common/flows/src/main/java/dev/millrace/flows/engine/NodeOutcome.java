package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** How a node ended, and where its flow goes on. */
public sealed interface NodeOutcome {
  /** What it did. */
  Result result();

  /** It is done; every edge out of it is taken. */
  record Done(Result result) implements NodeOutcome {}

  /**
   * It chose among its outputs; only edges out of chosen ones are taken.
   *
   * @param taken for each output whether it was chosen
   */
  record Branched(Result result, List<Boolean> taken) implements NodeOutcome {
    public Branched {
      taken = List.copyOf(taken);
    }
  }

  /**
   * It asks a human and waits for the answer. The run stops when nothing else can go on; when the
   * answer comes, on whichever worker and after whatever time, the node runs again and finds it in
   * {@link NodeContext#humanInput}. The engine adds {@code output.humanInputAction} to the record.
   *
   * @param result what it shows meanwhile; its messages become part of the conversation at once
   * @param checkpoint what it needs to go on; stored, so no secrets
   */
  record Paused(Result result, ObjectNode checkpoint) implements NodeOutcome {
    public Paused(Result result) {
      this(result, Json.object());
    }
  }

  /**
   * It sends the flow back to a node, from where everything runs again.
   *
   * @param target the id of a node on the same canvas
   */
  record LoopedBack(Result result, String target) implements NodeOutcome {}

  /**
   * What a node did.
   *
   * @param input what it worked on, as the record shows it
   * @param output what it put out
   * @param state the flow's state after it, null when it left it alone
   * @param messages what it adds to the conversation
   */
  record Result(
      ObjectNode input, ObjectNode output, @Nullable ObjectNode state, List<ChatTurn> messages) {
    public Result {
      messages = List.copyOf(messages);
    }

    public Result(ObjectNode input, ObjectNode output) {
      this(input, output, null, List.of());
    }
  }
}
