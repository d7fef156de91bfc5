package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The operations on flows, with trees in the shape of Node's API. */
final class BridgeFlow {
  private static final int DEPTH = 10;
  private static final int CHILDREN = 20;

  private BridgeFlow() {}

  static JsonNode call(FlowProducer flows, String method, BridgeArgs args) {
    return switch (method) {
      case "add" -> show(flows.add(flow(args.at(0)), defaults(args.at(1))));
      case "addBulk" -> {
        var roots = new ArrayList<FlowJob>();
        args.at(0).forEach(root -> roots.add(flow(root)));
        var shown = Json.array();
        flows.addBulk(roots).forEach(node -> shown.add(show(node)));
        yield shown;
      }
      case "get" -> get(flows, args);
      default -> throw new IllegalArgumentException("unknown operation flow." + method);
    };
  }

  /** Takes queue and id, or Node's {@code {queueName, id, prefix, depth, maxChildren}}. */
  private static JsonNode get(FlowProducer flows, BridgeArgs args) {
    var options = args.at(0);
    var found =
        options.isObject()
            ? flows.flow(
                options.path("prefix").asString("bull"),
                BridgeArgs.text(options.path("queueName")),
                BridgeArgs.text(options.path("id")),
                (int) BridgeArgs.number(options.path("depth"), DEPTH),
                (int) BridgeArgs.number(options.path("maxChildren"), CHILDREN))
            : flows.flow(args.text(0), args.text(1));
    return found.map(BridgeFlow::show).orElse(Json.tree("null"));
  }

  private static Map<String, JobOptions> defaults(JsonNode options) {
    var defaults = new LinkedHashMap<String, JobOptions>();
    for (var queue : options.path("queuesOptions").properties()) {
      defaults.put(queue.getKey(), BridgeOptions.job(queue.getValue().path("defaultJobOptions")));
    }
    return defaults;
  }

  private static FlowJob flow(JsonNode json) {
    var children = new ArrayList<FlowJob>();
    for (var child : json.path("children")) {
      children.add(flow(child));
    }
    var prefix = BridgeArgs.field(json, "prefix");
    return new FlowJob(
        BridgeArgs.text(json.path("name")),
        BridgeArgs.text(json.path("queueName")),
        prefix.isEmpty() ? null : prefix,
        BridgeQueue.data(json.path("data")),
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
