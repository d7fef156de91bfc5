package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** WORKER_MODE where it is not one of the layouts: combinations, slips, and nothing. */
class WorkerModeIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Test
  void oneNodeTakesRequestsAndJobs() throws Exception {
    try (var deployment = new Deployment("queue")) {
      var api = deployment.startServer(Map.of("WORKER_MODE", " ! , workflow:process"));
      var flow = api.createFlow(Flows.reply("pong {{ question }}"));

      assertThat(api.predict(flow, "{\"question\":\"a\"}").body()).contains("pong a");
      var events = api.stream(flow, "{\"question\":\"b\",\"streaming\":true}");
      assertThat(events.getLast().path("event").asString()).isEqualTo("end");
      assertThat(Layouts.load(api.server(), "finishedPredictions")).isEqualTo(2);

      var nodes = JSON.readTree(api.send("GET", "/api/v1/nodes", "").body());
      assertThat(nodes.path("warnings"))
          .singleElement()
          .asString()
          .contains("async-tasks has no consumer");
      assertThat(api.server().terminate(Duration.ofSeconds(40))).isZero();
    }
  }

  /** SP-1 and SP-3: without a node for flows they wait; one that comes takes them. */
  @Test
  void flowsWaitForANodeThatServesThem() throws Exception {
    try (var deployment = new Deployment("queue")) {
      var api = deployment.startServer(Map.of("WORKER_MODE", "!"));
      var flow = api.createFlow(Flows.reply("late {{ question }}"));
      var answer = api.predictAsync(flow, "{\"question\":\"a\"}");

      await()
          .atMost(20, SECONDS)
          .untilAsserted(() ->
              assertThat(api.send("GET", "/api/v1/nodes", "").body())
                  .contains("has no consumer (1 jobs wait)", "workflow:process"));
      assertThat(answer).isNotDone();
      deployment.startWorker("WORKER_MODE", "async-task:process");
      assertThat(answer).isNotDone();
      var late = deployment.startWorker("WORKER_MODE", "workflow:process");

      assertThat(answer.get(30, SECONDS).body()).contains("late a");
      assertThat(Layouts.load(late, "finishedPredictions")).isEqualTo(1);
    }
  }

  @Test
  void aSlipCostsTheServiceAndNotTheNode() throws Exception {
    try (var deployment = new Deployment("queue")) {
      var api = deployment.startServer(Map.of("WORKER_MODE", "!,workflow:proces"));

      assertThat(api.server().log())
          .contains("'workflow:proces' is no service that this node knows")
          .contains("async-task:process, workflow:process");
    }
  }

  @Test
  void aNodeThatWouldDoNothingByMistakeDoesNotStart() throws Exception {
    try (var deployment = new Deployment("queue")) {
      deployment.startServer();
      var node = deployment.startWorkerWithoutWaiting(Map.of("WORKER_MODE", "WORKFLOW:PROCESS"));

      await().atMost(60, SECONDS).until(() -> !node.isAlive());
      assertThat(node.log()).contains("this node would serve nothing", "'WORKFLOW:PROCESS'");
    }
  }

  /** WM-5: no port, no place in the list of nodes, and an orderly end. */
  @Test
  void aDashPreparesTheStoresAndEnds() throws Exception {
    try (var deployment = new Deployment("queue")) {
      var node = deployment.startWorkerWithoutWaiting(Map.of("WORKER_MODE", "-"));

      await().atMost(60, SECONDS).until(() -> !node.isAlive());
      assertThat(node.terminate(Duration.ofSeconds(1))).isZero();
      try (var connection = deployment.connect();
          var statement = connection.createStatement();
          var rows = statement.executeQuery("SELECT count(*) FROM millrace.node")) {
        rows.next();
        assertThat(rows.getInt(1)).isZero();
      }
    }
  }

  @Test
  void theCommandLineListsTheNodes() throws Exception {
    try (var deployment = new Deployment("queue")) {
      var api = deployment.startServer();
      deployment.startWorker();
      await()
          .atMost(20, SECONDS)
          .untilAsserted(() -> {
            var command =
                new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.millrace.platform.cli.Main",
                        "nodes",
                        "--server",
                        api.server().uri("").toString(),
                        "--key",
                        Deployment.ADMIN_KEY)
                    .redirectErrorStream(true)
                    .start();
            var output =
                new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(command.waitFor()).as(output).isZero();
            assertThat(output)
                .contains("WORKER_MODE", "requests", "async-task:process,workflow:process");
          });
    }
  }
}
