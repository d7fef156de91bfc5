package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends the flow back to an earlier node, until it has done so often enough (§3.7, §4.9): with a
 * count of 5 it goes back 4 times, as exported flows expect.
 */
final class LoopNode implements NodeRunner {
  /** What the editor fills in; older exports lack it. */
  private static final int UNSET_COUNT = 5;

  @Override
  public NodeOutcome run(NodeContext context) {
    NodeInputs inputs = context.inputs();
    String chosen = inputs.text("loopBackToNode");
    int dash = chosen.indexOf('-');
    String target = dash < 0 ? chosen : chosen.substring(0, dash);
    String label = dash < 0 ? "" : chosen.substring(dash + 1);
    if (target.isEmpty()) {
      throw new FlowException(
          "Loop node " + context.node().title() + " does not say where to go back to: choose it.");
    }
    int count = (int) inputs.number("maxLoopCount").orElse(UNSET_COUNT);
    int most = count > 0 ? count : context.maxLoopCount();
    ObjectNode input = Json.object().put("nodeID", target).put("maxLoopCount", count);
    // In Flowise the first pass counts as well.
    int counted = context.keeps(Compat.LOOP_COUNT_MINUS_ONE) ? 1 : 0;
    boolean again = context.timesLoopedBack() + counted < most;
    String fallback = inputs.text("fallbackMessage");
    String content = "Loop back to " + label + " (" + target + ")";
    if (!again) {
      content =
          fallback.isEmpty()
              ? "Loop completed after reaching maximum iteration count of " + most + "."
              : fallback;
      context.events().token(content);
    }
    ObjectNode output =
        Json.object().put("content", content).put("nodeID", target).put("maxLoopCount", count);
    if (!fallback.isEmpty()) {
      output.put("fallbackMessage", fallback);
    }
    ObjectNode state = context.stateAfter("loopUpdateState", Json.text(content));
    var result = new NodeOutcome.Result(input, output, state, List.of());
    return again
        ? new NodeOutcome.LoopedBack(result, target)
        : new NodeOutcome.Branched(result, List.of());
  }

  @Override
  public boolean hasEffects() {
    return false;
  }
}
