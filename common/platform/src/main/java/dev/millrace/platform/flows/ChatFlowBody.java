package dev.millrace.platform.flows;

import dev.millrace.platform.db.InvalidEntityException;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a request that creates or changes a flow. Members that a client may not set ({@code
 * id}, dates, {@code workspaceId}, {@code webhookSecret…}) and unknown ones are ignored.
 */
final class ChatFlowBody {
  private static final Set<String> TYPES =
      Set.of("CHATFLOW", "AGENTFLOW", "MULTIAGENT", "ASSISTANT");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ObjectNode body;

  ChatFlowBody(ObjectNode body) {
    this.body = body;
  }

  /** Returns a new flow; {@code type} is required, name and flowData have defaults. */
  ChatFlow create(String id, String workspaceId, Instant now) {
    if (!body.path("type").isString()) {
      throw new InvalidEntityException("type is missing; it has to be one of " + TYPES);
    }
    var empty =
        new ChatFlow(
            id,
            "Untitled",
            "{}",
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            "CHATFLOW",
            null,
            false,
            workspaceId,
            now,
            now);
    return applyTo(empty, now);
  }

  /** Returns the flow with the members of the body in place of its own. */
  ChatFlow applyTo(ChatFlow flow, Instant now) {
    return new ChatFlow(
        flow.id(),
        required("name", flow.name()),
        flowData(flow.flowData()),
        bool("deployed", flow.deployed()),
        bool("isPublic", flow.isPublic()),
        text("apikeyid", flow.apikeyid()),
        text("chatbotConfig", flow.chatbotConfig()),
        text("apiConfig", flow.apiConfig()),
        text("analytic", flow.analytic()),
        text("speechToText", flow.speechToText()),
        text("textToSpeech", flow.textToSpeech()),
        text("followUpPrompts", flow.followUpPrompts()),
        text("category", flow.category()),
        type(flow.type()),
        text("mcpServerConfig", flow.mcpServerConfig()),
        flow.webhookSecretConfigured(),
        flow.workspaceId(),
        flow.createdDate(),
        now);
  }

  private String type(String old) {
    var type = required("type", old);
    if (!TYPES.contains(type)) {
      throw new InvalidEntityException("type is " + type + "; it has to be one of " + TYPES);
    }
    return type;
  }

  private String flowData(String old) {
    var text = required("flowData", old);
    try {
      if (JSON.readTree(text).isObject()) {
        return text;
      }
    } catch (JacksonException e) {
      throw new InvalidEntityException("flowData is no JSON: " + e.getOriginalMessage());
    }
    throw new InvalidEntityException("flowData has to hold a JSON object with nodes and edges");
  }

  private String required(String member, String old) {
    var value = text(member, old);
    if (value == null || value.isBlank()) {
      throw new InvalidEntityException(member + " must not be empty");
    }
    return value;
  }

  /** An object where text with JSON is stored is what the client meant as that text. */
  private @Nullable String text(String member, @Nullable String old) {
    JsonNode value = body.path(member);
    if (value.isMissingNode()) {
      return old;
    }
    if (value.isNull()) {
      return null;
    }
    return value.isString() ? value.asString() : value.toString();
  }

  private @Nullable Boolean bool(String member, @Nullable Boolean old) {
    JsonNode value = body.path(member);
    if (value.isMissingNode()) {
      return old;
    }
    if (value.isNull()) {
      return null;
    }
    if (!value.isBoolean()) {
      throw new InvalidEntityException(member + " has to be true or false");
    }
    return value.asBoolean();
  }
}
