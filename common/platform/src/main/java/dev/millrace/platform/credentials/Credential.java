package dev.millrace.platform.credentials;

import dev.millrace.platform.db.UtcColumn;
import java.time.Instant;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What may be shown of a row of {@code credential}.
 *
 * @param id a UUID
 * @param name what the user called it
 * @param credentialName its kind, e.g. {@code openAIApi}
 */
public record Credential(
    String id,
    String name,
    String credentialName,
    String workspaceId,
    Instant createdDate,
    Instant updatedDate) {
  /** Renders the credential as Flowise's API does. */
  public ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("id", id);
    json.put("name", name);
    json.put("credentialName", credentialName);
    json.put("createdDate", UtcColumn.json(createdDate));
    json.put("updatedDate", UtcColumn.json(updatedDate));
    json.put("workspaceId", workspaceId);
    return json;
  }
}
