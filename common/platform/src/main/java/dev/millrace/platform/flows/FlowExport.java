package dev.millrace.platform.flows;

import dev.millrace.flows.model.Json;
import dev.millrace.platform.db.InvalidEntityException;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A stored flow as a file: its canvas, without what belongs to one installation (specification
 * §1.6): credentials, and the values of password, file and folder inputs.
 */
public final class FlowExport {
  private static final Set<String> STRIPPED = Set.of("password", "file", "folder");
  private static final String CREDENTIAL = "FLOWISE_CREDENTIAL_ID";

  private FlowExport() {}

  /**
   * Makes the file.
   *
   * @param row as the server's API gives it; not changed
   * @throws InvalidEntityException when its flowData is no JSON
   */
  public static JsonNode of(JsonNode row) {
    JsonNode data;
    try {
      data = Json.read(row.path("flowData").asString(""));
    } catch (JacksonException e) {
      throw new InvalidEntityException("the stored flow cannot be read: " + e.getOriginalMessage());
    }
    for (var node : data.path("nodes")) {
      if (node.get("data") instanceof ObjectNode inner) {
        inner.remove("credential");
        stripInputs(inner);
      }
    }
    stripCredentials(data);
    return data;
  }

  private static void stripInputs(ObjectNode data) {
    if (!(data.get("inputs") instanceof ObjectNode inputs)) {
      return;
    }
    for (var param : data.path("inputParams")) {
      if (STRIPPED.contains(param.path("type").asString(""))) {
        inputs.remove(param.path("name").asString(""));
      }
    }
  }

  private static void stripCredentials(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(CREDENTIAL);
    }
    node.forEach(FlowExport::stripCredentials);
  }
}
