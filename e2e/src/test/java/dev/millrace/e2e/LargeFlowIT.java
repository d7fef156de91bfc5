package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Flows of a size that nobody draws by hand: run, or refused with a reason, but no hang. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LargeFlowIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static Deployment deployment;
  private static Api api;

  @BeforeAll
  static void start() throws Exception {
    deployment = new Deployment("main").with("MAX_ITERATIONS", "5500");
    api = deployment.startServer();
  }

  @AfterAll
  static void stop() {
    deployment.close();
  }

  @Test
  void fiveThousandNodesRun() throws Exception {
    var id = api.createFlow(chain(5_000));

    var started = System.nanoTime();
    var response = api.predict(id, "{\"question\":\"q\"}");

    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    var answer = JSON.readTree(response.body());
    assertThat(answer.path("text").asString()).isEqualTo("4998");
    assertThat(answer.path("agentFlowExecutedData").size()).isEqualTo(5_000);
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofMinutes(1));
  }

  @Test
  void moreThanARunMayExecuteAreRefusedWithTheReason() throws Exception {
    var response = api.predict(api.createFlow(chain(6_000)), "{\"question\":\"q\"}");

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).contains("MAX_ITERATIONS", "5500");
  }

  private static ObjectNode chain(int nodes) {
    var flow = Flows.start();
    var before = "startAgentflow_0";
    for (var i = 0; i < nodes - 1; i++) {
      var id = "directReplyAgentflow_" + i;
      var reply = Flows.node(flow, id, "directReplyAgentflow", "Reply " + i);
      Flows.inputs(reply).put("directReplyMessage", Integer.toString(i));
      Flows.edge(flow, before, id);
      before = id;
    }
    return flow;
  }
}
