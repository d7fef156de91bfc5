package dev.millrace.bullmq;

import java.util.ArrayList;
import tools.jackson.databind.JsonNode;

/** The operations on flows, with trees in the shape of Node's API. */
final class BridgeFlow {
  private BridgeFlow() {}

  static JsonNode call(FlowProducer flows, String method, JsonNode args) {
    return switch (method) {
      case "add" -> show(flows.add(flow(args.get(0))));
      case "get" ->
          flows
              .flow(args.get(0).stringValue(), args.get(1).stringValue())
              .map(BridgeFlow::show)
              .orElse(Json.tree("null"));
      default -> throw new IllegalArgumentException("unknown operation flow." + method);
    };
  }

  private static FlowJob flow(JsonNode json) {
    var children = new ArrayList<FlowJob>();
    for (var child : json.path("children")) {
      children.add(flow(child));
    }
    var prefix = json.path("prefix").asString("");
    return new FlowJob(
        json.get("name").stringValue(),
        json.get("queueName").stringValue(),
        prefix.isEmpty() ? null : prefix,
        Json.write(json.path("data")),
        BridgeOptions.job(json.path("opts")),
        children);
  }

  private static JsonNode show(JobNode node) {
    var json = Json.object();
    json.set("job", BridgeOptions.show(node.job()));
    var children = json.putArray("children");
    node.children().forEach(child -> children.add(show(child)));
    return json;
  }
}
