package dev.millrace.platform.flows;

import dev.millrace.flows.model.FlowFile.NamedFlow;
import dev.millrace.flows.model.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A flow of a file as a row to be stored. */
public final class FlowImport {
  private FlowImport() {}

  /** Returns what the API is sent to store a flow: all of its file, as it is. */
  public static ObjectNode body(NamedFlow flow, String name) {
    var row = flow.row();
    var body = Json.object().put("name", name).put("type", flow.type().name());
    var data = row.path("flowData");
    body.put("flowData", data.isString() ? data.asString() : flowData(row, data).toString());
    for (var member : List.of("apiConfig", "chatbotConfig", "category", "isPublic", "deployed")) {
      if (row.hasNonNull(member)) {
        body.set(member, row.get(member));
      }
    }
    return body;
  }

  private static JsonNode flowData(ObjectNode row, JsonNode data) {
    return data.isObject() ? data : row;
  }
}
