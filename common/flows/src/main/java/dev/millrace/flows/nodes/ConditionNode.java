package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.script.ScriptSandbox;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Takes the first output whose condition holds, or the last one, Else (§4.6). */
final class ConditionNode implements NodeRunner {
  private final Regex regex;

  ConditionNode(ScriptSandbox scripts) {
    this.regex = new Regex(scripts);
  }

  @Override
  public boolean hasEffects() {
    return false;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    List<ObjectNode> rows = context.inputs().rows("conditions");
    int chosen = rows.size();
    for (int index = 0; index < rows.size(); index++) {
      if (holds(context, rows, index)) {
        chosen = index;
        break;
      }
    }
    var taken = new ArrayList<Boolean>();
    var shown = Json.object();
    var judged = Json.array();
    for (int index = 0; index < rows.size(); index++) {
      ObjectNode row = rows.get(index);
      shown.set(Integer.toString(index), row);
      judged.add(index == chosen ? Json.shallowCopy(row).put("isFulfilled", true) : row);
      taken.add(index == chosen);
    }
    taken.add(chosen == rows.size());
    judged.add(
        Json.object()
            .put("type", "string")
            .put("value1", "")
            .put("operation", "equal")
            .put("value2", "")
            .put("isFulfilled", chosen == rows.size()));
    ObjectNode input = Json.object();
    input.set("conditions", shown);
    ObjectNode output = Json.object();
    output.set("conditions", judged);
    return new NodeOutcome.Branched(new NodeOutcome.Result(input, output), taken);
  }

  private boolean holds(NodeContext context, List<ObjectNode> rows, int index) {
    try {
      return Comparison.holds(
          rows.get(index), (pattern, text) -> regex.finds(pattern, text, context.cancellation()));
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      throw new FlowException(
          "Condition node "
              + context.node().title()
              + ", condition "
              + (index + 1)
              + " (conditions): "
              + e.getMessage(),
          e);
    }
  }
}
