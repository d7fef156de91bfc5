package dev.millrace.flows.engine;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.Json;
import java.time.Instant;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One run of one flow.
 *
 * @param runId the id of its execution; the same when a job is run again after a crash
 * @param answerId the id under which the answer is stored as a chat message; as stable as runId
 * @param flow the definition to run
 * @param flowId the flow's row
 * @param workspaceId whose variables and credentials it may use
 * @param chatId the conversation
 * @param sessionId the memory it belongs to; the chatId unless the caller gave another
 * @param newSession true when no earlier message can exist, so that nobody needs to look
 * @param input the request body as received ({@code question}, {@code form}, {@code history},
 *     {@code uploads}, {@code overrideConfig}, {@code humanInput}, …); not changed When a human has
 *     answered, that of the run's first request, with {@code humanInput} of the latest
 * @param sent the body that came with the latest request; the same as input unless a human has
 *     answered
 * @param apiConfig the flow's override permissions, an empty object when it has none
 * @param chatbotConfig what the flow's owner set for its chats, an empty object when nothing
 * @param streaming whether somebody listens to the tokens
 * @param chatType {@code EXTERNAL}, {@code INTERNAL}, …
 * @param startedAt when the request came
 */
public record RunRequest(
    UUID runId,
    UUID answerId,
    Flow flow,
    String flowId,
    String workspaceId,
    String chatId,
    String sessionId,
    boolean newSession,
    ObjectNode input,
    ObjectNode sent,
    ObjectNode apiConfig,
    ObjectNode chatbotConfig,
    boolean streaming,
    String chatType,
    Instant startedAt) {

  /** A run that is asked for once, of a flow whose owner set nothing. */
  public RunRequest(
      UUID runId,
      UUID answerId,
      Flow flow,
      String flowId,
      String workspaceId,
      String chatId,
      String sessionId,
      boolean newSession,
      ObjectNode input,
      ObjectNode apiConfig,
      boolean streaming,
      String chatType,
      Instant startedAt) {
    this(
        runId,
        answerId,
        flow,
        flowId,
        workspaceId,
        chatId,
        sessionId,
        newSession,
        input,
        input,
        apiConfig,
        Json.object(),
        streaming,
        chatType,
        startedAt);
  }

  /** Tells whether the flow's owner has every answer changed before it is shown. */
  public boolean isPostProcessed() {
    return isPostProcessed(chatbotConfig);
  }

  /** Tells whether a {@code chatbotConfig} has every answer changed before it is shown. */
  public static boolean isPostProcessed(JsonNode chatbotConfig) {
    return chatbotConfig.path("postProcessing").path("enabled").asBoolean(false);
  }

  /** Returns a member of the request body as text, or "" when it is absent, null or no scalar. */
  public String text(String member) {
    JsonNode value = input.path(member);
    return value.isValueNode() && !value.isNull() ? value.asString("") : "";
  }
}
