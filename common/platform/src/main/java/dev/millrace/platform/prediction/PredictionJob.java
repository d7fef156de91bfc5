package dev.millrace.platform.prediction;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A prediction as it travels from a server to a worker: the data of a job on {@code
 * ${QUEUE_NAME}-prediction}.
 *
 * <p>The members are those of Flowise, so that its workers can run the job; what only ours need
 * stands in the member {@code millrace}, which Flowise's ignore. The flow travels as it was when
 * the request came, rendered once for all its predictions; while all workers are ours, only its
 * hash does.
 *
 * @param ids which run it is
 * @param incomingInput the request body as received; not changed
 * @param flowId the flow
 * @param chatflowJson the flow's row as JSON; see {@link #rowJson}
 * @param chatId the conversation
 * @param baseUrl the address under which the client reached the server
 * @param internal whether the UI asked
 * @param orgId the organisation
 * @param workspaceId the workspace
 * @param chatType {@code WEBHOOK}, {@code MCP}, …; null for an ordinary prediction
 */
public record PredictionJob(
    Ids ids,
    ObjectNode incomingInput,
    String flowId,
    String chatflowJson,
    String chatId,
    String baseUrl,
    boolean internal,
    String orgId,
    String workspaceId,
    @Nullable String chatType) {

  /**
   * What makes a run the same run when its job is taken up again.
   *
   * @param runId also the id of its execution row
   * @param answerId the id of the chat message with its answer
   * @param newSession whether the session was invented for it, so that it has no past
   */
  public record Ids(UUID runId, UUID answerId, boolean newSession) {
    /** Returns the ids of a run that starts now. */
    public static Ids random(boolean newSession) {
      return new Ids(UUID.randomUUID(), UUID.randomUUID(), newSession);
    }

    /** Returns the ids of a job that a Flowise server added: always the same for the same job. */
    static Ids ofForeignJob(String identity) {
      return new Ids(named("run:" + identity), named("answer:" + identity), false);
    }

    private static UUID named(String name) {
      return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Returns the conversation's memory: {@code overrideConfig.sessionId}, or the chat. */
  public String sessionId() {
    var given = incomingInput.path("overrideConfig").path("sessionId");
    return given.isString() && !given.asString().isEmpty() ? given.asString() : chatId;
  }

  /** Returns whether the client wants the run's events. */
  public boolean streaming() {
    var value = incomingInput.path("streaming");
    return value.isString() ? value.asString().equals("true") : value.asBoolean(false);
  }

  /** Returns a row of the flow's table as a job carries it, rendered once for many jobs. */
  public static String rowJson(ObjectNode row) {
    return AsciiJson.of(row.toString());
  }

  /** Renders the job's data, so that Flowise's workers can run it too. */
  public String toJson(JsonMapper json) {
    return toJson(chatflowJson, json);
  }

  /**
   * Renders the job's data for our workers.
   *
   * @param flowReference stands for the flow; see {@link SharedFlows#reference}
   */
  String toJson(String flowReference, JsonMapper json) {
    var out = new StringBuilder(flowReference.length() + 1_024);
    out.append("{\"millrace\":{\"runId\":\"").append(ids.runId());
    out.append("\",\"answerId\":\"").append(ids.answerId());
    out.append("\",\"newSession\":").append(ids.newSession());
    out.append("},\"incomingInput\":").append(AsciiJson.of(incomingInput.toString()));
    out.append(",\"chatflow\":").append(flowReference);
    out.append(",\"chatId\":").append(json.writeValueAsString(chatId));
    out.append(",\"baseURL\":").append(json.writeValueAsString(baseUrl));
    out.append(",\"isInternal\":").append(internal);
    out.append(",\"files\":[],\"isTool\":false");
    if (chatType != null) {
      out.append(",\"chatType\":").append(json.writeValueAsString(chatType));
    }
    out.append(",\"orgId\":").append(json.writeValueAsString(orgId));
    out.append(",\"workspaceId\":").append(json.writeValueAsString(workspaceId));
    return out.append(",\"subscriptionId\":null,\"productId\":\"\"}").toString();
  }

  /**
   * Reads a job's data.
   *
   * @param identity names the job uniquely: queue, id and time; a job without our member gets its
   *     ids from it
   * @throws tools.jackson.core.JacksonException when it is no JSON
   * @throws IllegalArgumentException when it is no prediction; the message says what is missing
   */
  public static PredictionJob parse(String data, String identity, JsonMapper json) {
    Ids ids = null;
    ObjectNode input = null;
    String chatflow = null;
    String chatId = null;
    var baseUrl = "";
    var internal = false;
    var orgId = "";
    var workspaceId = "";
    String chatType = null;
    try (var parser = json.tokenStreamFactory().createParser(ObjectReadContext.empty(), data)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("job data is no JSON object");
      }
      for (var field = parser.nextName(); field != null; field = parser.nextName()) {
        var token = parser.nextToken();
        switch (field) {
          case "millrace" -> ids = json.readValue(slice(parser, data), Ids.class);
          case "incomingInput" -> input = json.readValue(slice(parser, data), ObjectNode.class);
          case "chatflow" -> chatflow = slice(parser, data);
          case "chatId" -> chatId = parser.getValueAsString();
          case "baseURL" -> baseUrl = text(parser);
          case "isInternal" -> internal = token == JsonToken.VALUE_TRUE;
          case "orgId" -> orgId = text(parser);
          case "workspaceId" -> workspaceId = text(parser);
          case "chatType" -> chatType = parser.getValueAsString();
          case "isExecuteCustomFunction", "isAgentFlowGenerator" ->
              throw new IllegalArgumentException(
                  "jobs with " + field + " are not supported by this worker, only predictions");
          default -> parser.skipChildren();
        }
      }
    }
    if (input == null || chatflow == null || chatId == null) {
      throw new IllegalArgumentException(
          "job data is no prediction: incomingInput, chatflow and chatId are required");
    }
    return new PredictionJob(
        ids == null ? Ids.ofForeignJob(identity) : ids,
        input,
        flowId(chatflow, json),
        chatflow,
        chatId,
        baseUrl,
        internal,
        orgId,
        workspaceId,
        chatType);
  }

  // The id is the first member of the row, so little of it is read.
  private static String flowId(String chatflow, JsonMapper json) {
    try (var parser = json.tokenStreamFactory().createParser(ObjectReadContext.empty(), chatflow)) {
      parser.nextToken();
      for (var field = parser.nextName(); field != null; field = parser.nextName()) {
        parser.nextToken();
        if (field.equals("id")) {
          return text(parser);
        }
        parser.skipChildren();
      }
    }
    throw new IllegalArgumentException("job data is no prediction: its chatflow has no id");
  }

  private static String text(JsonParser parser) {
    var value = parser.getValueAsString();
    return value == null ? "" : value;
  }

  // The flow is some 50 KB of escaped text: it is cut out of the data, never decoded here.
  private static String slice(JsonParser parser, String data) {
    var start = (int) parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    return data.substring(start, (int) parser.currentLocation().getCharOffset());
  }
}
