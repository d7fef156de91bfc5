package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What users get wrong, and what goes wrong around them: a clear error, never a hang. */
class BadInputIT {
  private static final String UNKNOWN = "00000000-0000-4000-8000-000000000000";

  private static final String EXECUTIONS =
      "SELECT state::text FROM execution WHERE \"agentflowId\" = ?::uuid";
  private static final String RECORDS =
      "SELECT \"executionData\" FROM execution WHERE \"agentflowId\" = ?::uuid";
  private static final String MESSAGES =
      "SELECT content FROM chat_message WHERE chatflowid = ?::uuid";

  private static Deployment deployment;
  private static Api api;

  @BeforeAll
  static void start() throws Exception {
    deployment = new Deployment("queue").with("FLOWISE_FILE_SIZE_LIMIT", "100kb");
    api = deployment.startServer();
    deployment.startWorker();
  }

  @AfterAll
  static void stop() {
    deployment.close();
  }

  @Test
  void malformedJsonIsRefused() throws Exception {
    var flow = api.createFlow(Flows.reply("x"));

    assertError(api.predict(flow, "{question"), 400, "no valid JSON");
    assertError(api.predict(flow, "[1]"), 400, "JSON object");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"proceed\"", "[{\"type\":\"proceed\"}]", "true", "7", "\"\""})
  void anAnswerOfAHumanIsAnObject(String humanInput) throws Exception {
    var flow = api.createFlow(Flows.reply("x"));
    var body = "{\"question\":\"q\",\"humanInput\":" + humanInput + "}";

    assertError(api.predict(flow, body), 400, "humanInput has to be an object");
    assertError(
        api.predict(flow, body.replace("{\"q", "{\"streaming\":true,\"q")),
        400,
        "humanInput has to be an object");
    try (var connection = deployment.connect()) {
      assertThat(texts(connection, EXECUTIONS, flow)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"streaming\":true}"})
  void unknownFlowsAreNotFound(String body) throws Exception {
    assertError(
        api.predict(UNKNOWN, body), 404, "Chatflow " + UNKNOWN + " not found in the database!");
    assertError(api.predict("nonsense", body), 400, "Invalid Chatflow ID");
  }

  @Test
  void bodiesOverTheLimitAreRefused() throws Exception {
    var flow = api.createFlow(Flows.reply("x"));
    var body = "{\"question\":\"" + "x".repeat(200_000) + "\"}";

    assertError(api.predict(flow, body), 413, "request entity too large");
  }

  @Test
  void anUnknownNodeIsSavedWithAWarningAndFailsWhenItRuns() throws Exception {
    var flow = Flows.start();
    Flows.node(flow, "magicAgentflow_0", "magicAgentflow", "Magic");
    Flows.edge(flow, "startAgentflow_0", "magicAgentflow_0");
    var body = JsonMapper.shared().createObjectNode();
    body.put("name", "magic").put("type", "AGENTFLOW").put("flowData", flow.toString());
    var saved = api.send("POST", "/api/v1/chatflows", body.toString());
    var answer = JsonMapper.shared().readTree(saved.body());

    assertThat(saved.statusCode()).isEqualTo(200);
    assertThat(answer.path("warnings").path(0).asString()).contains("Magic", "magicAgentflow");
    assertError(
        api.predict(answer.path("id").asString(), "{\"question\":\"q\"}"),
        500,
        "Magic",
        "startAgentflow");
  }

  @Test
  void cyclesAndEdgesToNowhereFailWithNames() throws Exception {
    var cycle = Flows.reply("x");
    Flows.edge(cycle, "directReplyAgentflow_0", "startAgentflow_0");
    var nowhere = Flows.reply("x");
    Flows.edge(nowhere, "startAgentflow_0", "ghost_7");

    assertError(api.predict(api.createFlow(cycle), "{\"question\":\"q\"}"), 500, "Reply");
    assertError(api.predict(api.createFlow(nowhere), "{\"question\":\"q\"}"), 500, "ghost_7");
  }

  @Test
  void noRunIsLeftHalfWritten() throws Exception {
    var question = "{\"question\":\"q\"}";
    var cycle = Flows.reply("x");
    Flows.edge(cycle, "directReplyAgentflow_0", "startAgentflow_0");
    var unknown = Flows.start();
    Flows.node(unknown, "magicAgentflow_0", "magicAgentflow", "Magic");
    Flows.edge(unknown, "startAgentflow_0", "magicAgentflow_0");
    var failing = Flows.script("throw new Error('broken')");
    var unreadable = Flows.model("http://127.0.0.1:1/v1");
    Flows.inputs((ObjectNode) unreadable.path("nodes").path(1)).put("llmUpdateState", "[{");
    var fine = api.createFlow(Flows.reply("x"));
    var broken = new ArrayList<String>();
    for (var flow : List.of(cycle, unknown, failing, unreadable)) {
      broken.add(api.createFlow(flow));
    }
    for (var flow : broken) {
      assertThat(api.predict(flow, question).statusCode()).as(flow).isEqualTo(500);
    }
    for (var body :
        List.of(
            "{question",
            "{\"question\":\"q\",\"form\":{\"a\":1}}",
            "{\"question\":\"q\",\"humanInput\":{\"type\":\"proceed\"}}",
            "{\"question\":\"q\",\"humanInput\":{\"type\":\"maybe\"}}")) {
      assertThat(api.predict(fine, body).statusCode()).as(body).isGreaterThanOrEqualTo(400);
    }
    broken.add(fine);
    try (var connection = deployment.connect()) {
      for (var flow : broken) {
        assertThat(texts(connection, EXECUTIONS, flow)).as(flow).allMatch("ERROR"::equals);
        assertThat(texts(connection, RECORDS, flow))
            .as(flow)
            .allMatch(records -> JsonMapper.shared().readTree(records).isArray());
        assertThat(texts(connection, MESSAGES, flow)).as(flow).isEmpty();
      }
    }
  }

  private static List<String> texts(Connection connection, String query, String flow)
      throws SQLException {
    try (var statement = connection.prepareStatement(query)) {
      statement.setString(1, flow);
      var found = new ArrayList<String>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(rows.getString(1));
        }
      }
      return found;
    }
  }

  @Test
  void aMissingCredentialIsNamed() throws Exception {
    var flow = Flows.model("http://127.0.0.1:1/v1");
    var config = flow.path("nodes").path(1).path("data").path("inputs").path("llmModelConfig");
    ((tools.jackson.databind.node.ObjectNode) config).put("FLOWISE_CREDENTIAL_ID", UNKNOWN);

    assertError(api.predict(api.createFlow(flow), "{\"question\":\"q\"}"), 500, UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({"401", "429", "500"})
  void aModelsRefusalReachesTheClient(int status) throws Exception {
    try (var model = FakeModelServer.start().always(ModelReply.failure(status))) {
      var flow = api.createFlow(Flows.model(model.baseUrl()));
      var streamed = api.stream(flow, "{\"question\":\"q\",\"streaming\":true}");

      assertError(
          api.predict(flow, "{\"question\":\"q\"}"),
          500,
          "Error in LLM node: " + status,
          "fake failure");
      assertThat(names(streamed)).contains("error").endsWith("end");
      assertThat(streamed)
          .anyMatch(event ->
              event.path("event").asString().equals("error")
                  && event.path("data").asString().contains("fake failure"));
    }
  }

  @Test
  void aModelThatHangsEndsInATimeout() throws Exception {
    try (var model = FakeModelServer.start().always(new ModelReply.Hang());
        var patient = new Deployment("main").with("PREDICTION_TIMEOUT", "2")) {
      var server = patient.startServer();
      var flow = server.createFlow(Flows.model(model.baseUrl()));
      var streamed = server.predictAsync(flow, "{\"question\":\"q\",\"streaming\":true}");

      assertError(server.predict(flow, "{\"question\":\"q\"}"), 504, "2 s", "PREDICTION_TIMEOUT");
      assertThat(names(server.events(streamed.get(10, SECONDS).body())))
          .contains("error")
          .endsWith("end");
    }
  }

  @Test
  void withoutAKeyNothingIsManaged() throws Exception {
    try (var http = java.net.http.HttpClient.newHttpClient()) {
      for (var path : List.of("chatflows", "credentials", "executions")) {
        var request =
            java.net.http.HttpRequest.newBuilder(api.server().uri("/api/v1/" + path)).build();
        var answer = http.send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).isEqualTo("{\"error\":\"Unauthorized Access\"}");
      }
    }
  }

  @Test
  void anUnknownRouteIsNotFound() throws Exception {
    assertError(api.send("GET", "/api/v1/no-such-thing", ""), 404, "/api/v1/no-such-thing");
  }

  private static List<String> names(List<JsonNode> events) {
    return events.stream().map(event -> event.path("event").asString()).toList();
  }

  private static void assertError(HttpResponse<String> answer, int status, String... texts)
      throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    var body = JsonMapper.shared().readTree(answer.body());
    assertThat(body.path("statusCode").asInt()).isEqualTo(status);
    assertThat(body.path("success").asBoolean(true)).isFalse();
    assertThat(body.path("message").asString()).contains(texts);
    assertThat(body.path("stack").isObject()).isTrue();
  }
}
