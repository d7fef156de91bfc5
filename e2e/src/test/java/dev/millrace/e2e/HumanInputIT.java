package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A human is asked; server, worker, Redis and PostgreSQL are stopped and started again; the human
 * rejects with feedback, is asked anew, everything is restarted once more, and the human lets the
 * run proceed.
 */
class HumanInputIT {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final String FORM = "{\"form\":{\"subject\":\"A: b\"},\"chatId\":\"chat-1\"";

  private final JsonMapper json = JsonMapper.shared();

  @Test
  void aRunGoesOnAfterEverythingWasRestarted() throws Exception {
    try (var model = FakeModelServer.start();
        var deployment = Deployment.embedded()) {
      model.reply(
          ModelReply.text("draft one"), ModelReply.text("draft two"), ModelReply.text("sent"));
      var api = deployment.startServer();
      var worker = deployment.startWorker();
      var flow = api.createFlow(review(model.baseUrl()));

      var events = api.stream(flow, FORM + ",\"streaming\":true}");
      assertThat(names(events)).containsSubsequence("action", "metadata", "end");
      var asked = executionOf(api, flow);
      assertThat(asked.path("state").asString()).isEqualTo("STOPPED");

      assertThat(worker.terminate(STOP_LIMIT)).isZero();
      assertThat(api.server().terminate(STOP_LIMIT)).isZero();
      api = deployment.startServer();
      worker = deployment.startWorker();

      var rejected =
          predict(
              api,
              flow,
              "{\"chatId\":\"chat-1\",\"humanInput\":{\"type\":\"reject\",\"startNodeId\":"
                  + "\"humanInputAgentflow_0\",\"feedback\":\"shorter\"}}");
      assertThat(ids(rejected))
          .containsExactly(
              "startAgentflow_0",
              "llmAgentflow_0",
              "humanInputAgentflow_0",
              "loopAgentflow_0",
              "llmAgentflow_0",
              "humanInputAgentflow_0");
      assertThat(rejected.path("executionId")).isEqualTo(asked.path("id"));
      assertThat(rejected.path("text").asString()).isEqualTo("draft two\n\nSend it?");
      assertThat(rejected.path("action").path("data").path("nodeId").asString())
          .isEqualTo("humanInputAgentflow_0");

      assertThat(worker.terminate(STOP_LIMIT)).isZero();
      assertThat(api.server().terminate(STOP_LIMIT)).isZero();
      api = deployment.startServer();
      deployment.startWorker();

      var done =
          predict(api, flow, "{\"chatId\":\"chat-1\",\"humanInput\":{\"type\":\"proceed\"}}");
      assertThat(done.path("text").asString()).isEqualTo("sent");
      assertThat(done.path("agentFlowExecutedData")).hasSize(7);
      assertThat(done.path("agentFlowExecutedData").path(6).path("data").path("state").toString())
          .isEqualTo("{\"k\":\"v\"}");
      assertThat(model.requests()).hasSize(3);
      var last = model.requests().getLast().body().path("messages");
      assertThat(last.toString())
          .contains("about A: b", "draft one\\n\\nSend it?", "shorter", "draft two\\n\\nSend it?");
      assertThat(executionOf(api, flow).path("state").asString()).isEqualTo("FINISHED");

      var late = api.predict(flow, "{\"chatId\":\"chat-1\",\"humanInput\":{\"type\":\"proceed\"}}");
      assertThat(late.statusCode()).isEqualTo(500);
      assertThat(late.body()).contains("waits for a human");
    }
  }

  /** Start with a form → LLM → Human Input → proceed: LLM, reject: Loop. */
  private static ObjectNode review(String baseUrl) {
    var flow = Flows.model(baseUrl);
    var nodes = flow.path("nodes");
    var start = (ObjectNode) nodes.path(0);
    Flows.inputs(start).put("startInputType", "formInput");
    Flows.inputs(start).putArray("startState").addObject().put("key", "k").put("value", "v");
    var first = (ObjectNode) nodes.path(1);
    Flows.inputs(first)
        .put("llmEnableMemory", true)
        .put("llmUserMessage", "about {{ $form.subject }}");
    Flows.param(first, "llmUserMessage", true);
    var human = Flows.node(flow, "humanInputAgentflow_0", "humanInputAgentflow", "Review");
    Flows.inputs(human)
        .put("humanInputDescriptionType", "fixed")
        .put("humanInputDescription", "Send it?")
        .put("humanInputEnableFeedback", true);
    Flows.edge(flow, "llmAgentflow_0", "humanInputAgentflow_0");
    var second = Flows.node(flow, "llmAgentflow_1", "llmAgentflow", "Sender");
    Flows.inputs(second).setAll(Flows.inputs(first).deepCopy());
    Flows.param(second, "llmUserMessage", true);
    Flows.branch(flow, "humanInputAgentflow_0", 0, "llmAgentflow_1");
    var loop = Flows.node(flow, "loopAgentflow_0", "loopAgentflow", "Again");
    Flows.inputs(loop).put("loopBackToNode", "llmAgentflow_0-LLM 0").put("maxLoopCount", 5);
    Flows.branch(flow, "humanInputAgentflow_0", 1, "loopAgentflow_0");
    return flow;
  }

  private JsonNode predict(Api api, String flow, String body) throws Exception {
    var response = api.predict(flow, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json.readTree(response.body());
  }

  private JsonNode executionOf(Api api, String flow) throws Exception {
    var response = api.send("GET", "/api/v1/executions?agentflowId=" + flow, "");
    return json.readTree(response.body()).path("data").path(0);
  }

  private static List<String> ids(JsonNode response) {
    return response
        .path("agentFlowExecutedData")
        .valueStream()
        .map(record -> record.path("nodeId").asString())
        .toList();
  }

  private static List<String> names(List<JsonNode> events) {
    return events.stream().map(event -> event.path("event").asString()).toList();
  }
}
