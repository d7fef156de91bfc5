package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What a flow's owner sets for its chats. */
class ChatbotConfigIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static Deployment deployment;
  private static Api api;

  @BeforeAll
  static void start() throws Exception {
    deployment = new Deployment("queue");
    api = deployment.startServer();
    deployment.startWorker();
  }

  @AfterAll
  static void stop() {
    deployment.close();
  }

  @Test
  void theFilesOfAConversationCanBeFetched() throws Exception {
    var flow = api.createFlow(Flows.reply("pong"));
    var body =
        "{\"question\":\"q\",\"chatId\":\"with files\",\"uploads\":[{\"type\":\"file\",\"name\":\"ä b.png\","
            + "\"mime\":\"image/png\",\"data\":\"data:image/png;base64,AQID\"},{\"type\":\"file\","
            + "\"name\":\"x.html\",\"mime\":\"text/html\",\"data\":\"data:text/html;base64,PGI+\"}]}";
    assertThat(api.predict(flow, body).statusCode()).isEqualTo(200);
    var path =
        "/api/v1/get-upload-file?chatflowId="
            + flow
            + "&chatId=with%20files&fileName=%C3%A4%20b.png";

    var shown = api.send("GET", path, "");
    assertThat(shown.statusCode()).as(shown.body()).isEqualTo(200);
    assertThat(shown.body()).isEqualTo("\u0001\u0002\u0003");
    assertThat(shown.headers().firstValue("Content-Type").orElse("")).startsWith("image/png");
    assertThat(
            api.send("GET", path + "&download=true", "")
                .headers()
                .firstValue("Content-Disposition")
                .orElse(""))
        .isEqualTo("attachment; filename*=UTF-8''%C3%A4%20b.png");
    var page = api.send("GET", path.replace("%C3%A4%20b.png", "x.html"), "");
    assertThat(page.headers().firstValue("Content-Type").orElse(""))
        .as("nothing is shown that could run")
        .startsWith("application/octet-stream");
    assertThat(api.send("GET", path + "x", "").statusCode()).isEqualTo(404);
    assertThat(api.send("GET", path.replace("with%20files", "other"), "").statusCode())
        .isEqualTo(404);
    assertThat(api.send("GET", "/api/v1/get-upload-file?chatId=x", "").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void followUpPromptsComeWithTheAnswerAndAreStored(boolean streaming) throws Exception {
    try (var model =
        FakeModelServer.start()
            .always(ModelReply.calls("extract", "{\"questions\":[\"Why?\",\"How?\"]}"))) {
      var config =
          JSON.createObjectNode().put("status", true).put("selectedProvider", "chatOpenAI");
      config
          .putObject("chatOpenAI")
          .put("modelName", "gpt-4o-mini")
          .put("basepath", model.baseUrl())
          .put("prompt", "Ask after: {history}");
      var row =
          JSON.createObjectNode()
              .put("name", "goes on")
              .put("type", "AGENTFLOW")
              .put("flowData", Flows.reply("pong").toString())
              .put("followUpPrompts", config.toString());
      var flow =
          JSON.readTree(api.send("POST", "/api/v1/chatflows", row.toString()).body())
              .path("id")
              .asString();
      var body = JSON.createObjectNode().put("question", "ping").put("streaming", streaming);

      String written; // once
      String messageId;
      if (streaming) {
        var metadata =
            api.stream(flow, body.toString()).stream()
                .filter(event -> event.path("event").asString("").equals("metadata"))
                .findFirst()
                .orElseThrow()
                .path("data");
        written = metadata.path("followUpPrompts").asString();
        messageId = metadata.path("chatMessageId").asString();
      } else {
        var answer = JSON.readTree(api.predict(flow, body.toString()).body());
        written = JSON.readTree(answer.path("followUpPrompts").asString()).asString();
        messageId = answer.path("chatMessageId").asString();
      }

      assertThat(JSON.readTree(written)).hasToString("[\"Why?\",\"How?\"]");
      assertThat(model.requests()).hasSize(1);
      assertThat(model.requests().getFirst().messages().toString()).contains("Ask after: pong");
      try (var connection = deployment.connect();
          var statement =
              connection.prepareStatement(
                  "SELECT \"followUpPrompts\" FROM chat_message WHERE id = ?::uuid")) {
        statement.setString(1, messageId);
        try (var rows = statement.executeQuery()) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getString(1)).isEqualTo("[\"Why?\",\"How?\"]");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void postProcessingChangesTheAnswerAndItsMessageAndDoesNotStream(boolean streaming)
      throws Exception {
    var config = JSON.createObjectNode();
    config
        .putObject("postProcessing")
        .put("enabled", true)
        .put(
            "customFunction",
            JSON.writeValueAsString("return $flow.rawOutput + ' to ' + $flow.input"));
    var row =
        JSON.createObjectNode()
            .put("name", "post-processed")
            .put("type", "AGENTFLOW")
            .put("flowData", Flows.reply("pong").toString())
            .put("chatbotConfig", config.toString());
    var flow =
        JSON.readTree(api.send("POST", "/api/v1/chatflows", row.toString()).body())
            .path("id")
            .asString();
    var body = JSON.createObjectNode().put("question", "ping").put("streaming", streaming);

    HttpResponse<String> response = api.predict(flow, body.toString());

    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    var answer = JSON.readTree(response.body());
    assertThat(answer.path("text").asString()).isEqualTo("pong to ping");
    try (var connection = deployment.connect();
        var statement =
            connection.prepareStatement("SELECT content FROM chat_message WHERE id = ?::uuid")) {
      statement.setString(1, answer.path("chatMessageId").asString());
      try (var rows = statement.executeQuery()) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("pong to ping");
      }
    }
  }
}
