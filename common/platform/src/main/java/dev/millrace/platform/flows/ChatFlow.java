package dev.millrace.platform.flows;

import dev.millrace.platform.db.UtcColumn;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A row of {@code chat_flow}; the members are its columns. Those that hold JSON hold it as text.
 *
 * @param id a UUID
 * @param flowData nodes and edges as the canvas saved them
 * @param deployed null like every member that was never set
 * @param apikeyid the key that a prediction has to present; null when anyone may run the flow
 * @param type {@code CHATFLOW}, {@code AGENTFLOW}, {@code MULTIAGENT} or {@code ASSISTANT}
 * @param webhookSecretConfigured whether webhooks have to be signed; the secret itself is not read
 */
public record ChatFlow(
    String id,
    String name,
    String flowData,
    @Nullable Boolean deployed,
    @Nullable Boolean isPublic,
    @Nullable String apikeyid,
    @Nullable String chatbotConfig,
    @Nullable String apiConfig,
    @Nullable String analytic,
    @Nullable String speechToText,
    @Nullable String textToSpeech,
    @Nullable String followUpPrompts,
    @Nullable String category,
    String type,
    @Nullable String mcpServerConfig,
    boolean webhookSecretConfigured,
    String workspaceId,
    Instant createdDate,
    Instant updatedDate) {

  /** Renders the flow as Flowise's API does: its order of members, null where nothing is set. */
  public ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("name", name);
    json.put("flowData", flowData);
    json.put("deployed", deployed);
    json.put("isPublic", isPublic);
    json.put("type", type);
    json.put("workspaceId", workspaceId);
    json.put("apikeyid", apikeyid);
    json.put("chatbotConfig", chatbotConfig);
    json.put("apiConfig", apiConfig);
    json.put("analytic", analytic);
    json.put("speechToText", speechToText);
    json.put("textToSpeech", textToSpeech);
    json.put("followUpPrompts", followUpPrompts);
    json.put("category", category);
    json.put("mcpServerConfig", mcpServerConfig);
    json.putNull("webhookSecret");
    json.put("webhookSecretConfigured", webhookSecretConfigured);
    json.put("id", id);
    json.put("createdDate", UtcColumn.json(createdDate));
    json.put("updatedDate", UtcColumn.json(updatedDate));
    return json;
  }
}
