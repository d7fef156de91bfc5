package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.Inside;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.model.NodeInputs;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the nodes drawn inside it for every item of a list (§3.8, §4.10). Additions of ours among
 * the inputs: {@code concurrency}, {@code resultType} and {@code onItemError}.
 */
final class IterationNode implements NodeRunner {
  @Override
  public NodeOutcome run(NodeContext context) {
    NodeInputs inputs = context.inputs();
    JsonNode list = list(context, inputs.raw("iterationInput"));
    int atOnce = (int) inputs.number("concurrency").orElse(1);
    boolean failing = inputs.text("onItemError").equals("fail");
    List<JsonNode> items = list.valueStream().toList();
    Inside inside = context.runInside(items, atOnce, failing);

    boolean parsed = inputs.text("resultType").equals("json");
    ArrayNode results = Json.array();
    var lines = new ArrayList<String>();
    for (int index = 0; index < inside.items().size(); index++) {
      Inside.Result item = inside.items().get(index);
      JsonNode result = item.content();
      if (item.error() != null) {
        String message = "Error in iteration " + (index + 1) + ": " + item.error();
        if (failing) {
          throw new FlowException(message);
        }
        result = Json.text(message);
      } else if (parsed && result.isString()) {
        JsonNode value = Json.readOrMissing(result.stringValue());
        result = value.isMissingNode() ? result : value;
      }
      results.add(result);
      lines.add(JsonText.of(item.error() == null ? item.content() : result));
    }
    ObjectNode input = Json.object();
    input.set("iterationInput", list);
    ObjectNode output = Json.object();
    output.set("iterationResults", results);
    output.put("content", String.join("\n", lines));
    return new NodeOutcome.Done(new NodeOutcome.Result(input, output, inside.state(), List.of()));
  }

  @Override
  public boolean hasEffects() {
    return false;
  }

  private static JsonNode list(NodeContext context, JsonNode given) {
    String what = "iterationInput of node " + context.node().title();
    JsonNode list = given.isString() ? LenientJson.read(given.stringValue(), what) : given;
    if (!list.isArray()) {
      throw new FlowException(what + " is no list: give it a JSON array, e.g. [\"a\", \"b\"].");
    }
    return list;
  }
}
