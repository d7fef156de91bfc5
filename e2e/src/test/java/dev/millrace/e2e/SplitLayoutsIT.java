package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The layouts of service splitting, as real processes with traffic: each does its part only. */
class SplitLayoutsIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Test
  void threeNodesWithOneServiceEach() throws Exception {
    try (var deployment = new Deployment("queue");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var api = deployment.startServer(Map.of("WORKER_MODE", "!"));
      var flows = deployment.startWorker("WORKER_MODE", "workflow:process");
      var tasks = deployment.startWorker("WORKER_MODE", "async-task:process");
      var flow = api.createFlow(Flows.reply("pong {{ question }}"));

      var answers = new ArrayList<Future<String>>();
      for (var i = 0; i < 40; i++) {
        var body = "{\"question\":\"n" + i + "\",\"streaming\":" + (i % 2 == 0) + "}";
        answers.add(threads.submit(() -> api.predict(flow, body).body()));
      }
      for (var i = 0; i < 40; i++) {
        assertThat(answers.get(i).get(30, SECONDS)).contains("pong n" + i);
      }
      var ended = new ArrayList<JsonNode>();
      for (var i = 0; i < 4; i++) {
        ended.add(Layouts.awaitTask(api, Layouts.createTask(api, "{\"type\":\"flows:export\"}")));
      }

      assertThat(ended)
          .allSatisfy(task -> {
            assertThat(task.path("state").asString()).isEqualTo("SUCCEEDED");
            assertThat(task.path("status").asInt()).isEqualTo(1);
            assertThat(task.path("result").path("flows").asInt()).isEqualTo(1);
            assertThat(task.has("params")).isFalse();
          });
      var file =
          api.send("GET", "/api/v1/tasks/" + ended.getFirst().path("id").asString() + "/file", "");
      assertThat(JSON.readTree(file.body()).path("AgentFlowV2")).hasSize(1);
      assertThat(Layouts.load(flows, "finishedPredictions")).isEqualTo(40);
      assertThat(Layouts.load(flows, "finishedTasks")).isZero();
      // The last one is counted a moment after its end can be seen.
      await().until(() -> Layouts.load(tasks, "finishedTasks") == 4);
      assertThat(Layouts.load(tasks, "finishedPredictions")).isZero();
      assertThat(Layouts.load(api.server(), "finishedPredictions")).isZero();
      assertThat(Layouts.load(api.server(), "finishedTasks")).isZero();
      assertRefusesRequests(flows, flow);
      assertRefusesRequests(tasks, flow);
      assertServes(api.server(), true, List.of());
      assertServes(flows, false, List.of("workflow:process"));
      assertServes(tasks, false, List.of("async-task:process"));
    }
  }

  @Test
  void fourNodesBehindALoadBalancer() throws Exception {
    try (var model = FakeModelServer.start().always(ModelReply.tokens(20, Duration.ofMillis(5)));
        var deployment = new Deployment("queue");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = deployment.startServer(Map.of("WORKER_MODE", "!"));
      var second = deployment.startServer(Map.of("WORKER_MODE", "!"));
      var third = deployment.startWorker("WORKER_MODE", "*");
      var fourth = deployment.startWorker("WORKER_MODE", "*");
      try (var balancer =
          LoadBalancer.start(List.of(first.server().port(), second.server().port()))) {
        var api = first.through(balancer.port());
        var reply = api.createFlow(Flows.reply("pong {{ question }}"));
        var spoken = api.createFlow(Flows.model(model.baseUrl()));

        var answers = new ArrayList<Future<String>>();
        var streams = new ArrayList<Future<List<JsonNode>>>();
        for (var i = 0; i < 30; i++) {
          var question = "{\"question\":\"n" + i + "\"}";
          answers.add(threads.submit(() -> api.predict(reply, question).body()));
          streams.add(
              threads.submit(() -> api.stream(spoken, "{\"question\":\"q\",\"streaming\":true}")));
        }
        for (var i = 0; i < 30; i++) {
          assertThat(answers.get(i).get(60, SECONDS)).contains("pong n" + i);
          var events = streams.get(i).get(60, SECONDS);
          assertThat(events).filteredOn(SplitLayoutsIT::isToken).hasSizeGreaterThan(1);
          assertThat(events.getLast().path("event").asString()).isEqualTo("end");
        }

        var done = List.of(finished(third), finished(fourth));
        assertThat(done).allSatisfy(number -> assertThat(number).isPositive());
        assertThat(done.stream().mapToLong(Long::longValue).sum()).isEqualTo(60);
        for (var server : List.of(first.server(), second.server())) {
          assertThat(Layouts.load(server, "requests")).isGreaterThan(20);
          assertThat(finished(server)).isZero();
        }
        // A task that was asked for here is streamed there.
        var id = Layouts.createTask(first, "{\"type\":\"flows:export\"}");
        var events =
            second.events(second.send("GET", "/api/v1/tasks/" + id + "/events", "").body());
        assertThat(events.getLast().path("event").asString()).isEqualTo("end");
        assertThat(events.get(events.size() - 2).path("data").path("state").asString())
            .isEqualTo("SUCCEEDED");
        assertRefusesRequests(third, reply);
        assertNodesAreListed(api);
      }
    }
  }

  /** CL-2: nodes that do one thing at a time share eight that were asked for on two servers. */
  @Test
  void allNodesOfAServiceTakePart() throws Exception {
    try (var model = FakeModelServer.start().always(ModelReply.tokens(7, Duration.ofMillis(50)));
        var deployment = new Deployment("queue").with("WORKER_CONCURRENCY", "1")) {
      var servers = List.of(deployment.startServer(), deployment.startServer());
      var workers = new ArrayList<JavaProcess>();
      for (var i = 0; i < 3; i++) {
        workers.add(deployment.startWorker("WORKER_MODE", "workflow:process"));
      }
      var flow = servers.getFirst().createFlow(Flows.model(model.baseUrl()));

      var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      for (var i = 0; i < 8; i++) {
        answers.add(servers.get(i % 2).predictAsync(flow, "{\"question\":\"q\"}"));
      }

      for (var answer : answers) {
        assertThat(answer.get(60, SECONDS).statusCode()).isEqualTo(200);
      }
      var finished = new ArrayList<Long>();
      for (var worker : workers) {
        finished.add(finished(worker));
      }
      assertThat(finished).allSatisfy(number -> assertThat(number).isPositive());
      assertThat(finished.stream().mapToLong(Long::longValue).sum()).isEqualTo(8);
    }
  }

  private static void assertNodesAreListed(Api api) {
    await()
        .atMost(20, SECONDS)
        .untilAsserted(() -> {
          var listed = JSON.readTree(api.send("GET", "/api/v1/nodes", "").body());
          assertThat(listed.path("nodes")).hasSize(4);
          assertThat(listed.path("warnings")).isEmpty();
          assertThat(listed.path("nodes").valueStream().map(n -> n.path("workerMode").asString()))
              .containsExactlyInAnyOrder("!", "!", "*", "*");
        });
  }

  private static long finished(JavaProcess node) throws IOException, InterruptedException {
    return Layouts.load(node, "finishedPredictions");
  }

  private static boolean isToken(JsonNode event) {
    return event.path("event").asString().equals("token");
  }

  private static void assertRefusesRequests(JavaProcess node, String flow) throws Exception {
    var refused = Layouts.post(node, "/api/v1/prediction/" + flow);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("WORKER_MODE");
    assertThat(Layouts.post(node, "/api/v1/webhook/" + flow).statusCode()).isEqualTo(503);
  }

  private static void assertServes(JavaProcess node, boolean requests, List<String> services)
      throws Exception {
    var health = Layouts.get(node, "/healthz");
    assertThat(health.statusCode()).isEqualTo(200);
    var facts = JSON.readTree(health.body()).path("node");
    assertThat(facts.path("requests").asBoolean()).isEqualTo(requests);
    assertThat(facts.path("services").valueStream().map(key -> key.asString()))
        .containsExactlyElementsOf(services);
    var metrics = Layouts.get(node, "/metrics").body();
    for (var service : services) {
      assertThat(metrics).contains("millrace_node_serving{service=\"" + service + "\"} 1");
    }
  }
}
