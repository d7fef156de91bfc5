package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.e2e.CountingEndpoint.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/**
 * A flow of 20 calls whose worker is killed at a random moment: another one goes on with it, and
 * repeats at most what was in flight. {@code -Dmillrace.e2e.kills=30} is the full run.
 */
class RecoveryIT {
  private static final int KILLS = Integer.getInteger("millrace.e2e.kills", 2);
  private static final long CALL_MS = 80;

  /** The full run is for a quiet machine; in a build other tests may hold the processors. */
  private static final Duration RESUME_LIMIT = Duration.ofSeconds(KILLS < 30 ? 15 : 5);

  private final Map<String, Set<String>> successors = new HashMap<>();
  private final List<Long> resumed = new ArrayList<>();
  private int repeated;

  @Test
  void aKilledWorkersRunIsGoneOnWithAndNothingDoneIsRepeated() throws Exception {
    var random = new Random();
    try (var endpoint = new CountingEndpoint(CALL_MS);
        var deployment = new Deployment("queue")) {
      var api = deployment.startServer();
      variable(deployment);
      var flow = api.createFlow(twentyCalls(endpoint.url()));
      var workers = new HashMap<String, JavaProcess>();
      var started = 0;
      for (var kill = 0; kill < KILLS; kill++) {
        while (workers.size() < 2) {
          var name = "w" + started++;
          workers.put(name, deployment.startWorker("WHO", name));
        }
        endpoint.forget();
        var answer = api.predictAsync(flow, "{\"question\":\"q\"}");
        await().atMost(60, SECONDS).until(() -> !endpoint.calls().isEmpty());
        var victim = endpoint.calls().getFirst().caller();
        // Anywhere from the first call to shortly before the last.
        var moment = Duration.ofMillis(random.nextLong(CALL_MS * 12));
        await().pollDelay(moment).atMost(Duration.ofSeconds(10)).until(() -> true);
        var process = Objects.requireNonNull(workers.remove(victim), victim);
        process.kill();
        var killedAt = System.nanoTime();

        var response = answer.get(40, SECONDS);
        assertThat(response.statusCode()).as(response.body() + deployment.logs()).isEqualTo(200);
        check(endpoint.calls(), victim, killedAt);
      }
      System.out.printf(
          "%d kills: resumed after %s ms; %d calls repeated, all of them in flight%n",
          KILLS, resumed, repeated);
      assertThat(resumed).allMatch(millis -> millis < RESUME_LIMIT.toMillis());
      assertThat(count(deployment, "state <> 'FINISHED'")).isZero();
      assertThat(count(deployment, "state = 'FINISHED'")).isEqualTo(KILLS);
    }
  }

  private void check(List<Call> calls, String victim, long killedAt) {
    var paths = calls.stream().map(Call::path).collect(Collectors.toSet());
    assertThat(paths).hasSize(20);
    var before =
        calls.stream()
            .filter(call -> call.caller().equals(victim))
            .map(Call::path)
            .collect(Collectors.toSet());
    var after = new HashSet<String>();
    for (var call : calls) {
      if (!call.caller().equals(victim)) {
        assertThat(after.add(call.path())).as("repeated once only: %s", calls).isTrue();
        if (before.contains(call.path())) {
          repeated++;
          assertThat(successors.getOrDefault(call.path(), Set.of()))
              .as("%s was journalled, as what follows it had begun", call.path())
              .doesNotContainAnyElementsOf(before);
        }
      }
    }
    assertThat(calls).hasSizeLessThanOrEqualTo(20 + 3);
    calls.stream()
        .filter(call -> !call.caller().equals(victim))
        .mapToLong(Call::at)
        .min()
        .ifPresent(at -> {
          var pause = Duration.ofNanos(at - killedAt);
          resumed.add(pause.toMillis());
        });
  }

  /** Five calls in a row, three branches of four, and three calls behind their join. */
  private ObjectNode twentyCalls(String url) {
    var flow = Flows.start();
    String last = "startAgentflow_0";
    int number = 0;
    for (; number < 5; number++) {
      last = call(flow, url, number, List.of(last));
    }
    var ends = new ArrayList<String>();
    for (var branch = 0; branch < 3; branch++) {
      String at = last;
      for (var step = 0; step < 4; step++) {
        at = call(flow, url, number++, List.of(at));
      }
      ends.add(at);
    }
    last = call(flow, url, number++, ends);
    last = call(flow, url, number++, List.of(last));
    call(flow, url, number, List.of(last));
    return flow;
  }

  private String call(ObjectNode flow, String url, int number, List<String> sources) {
    var id = "httpAgentflow_" + number;
    var node = Flows.node(flow, id, "httpAgentflow", "Call " + number);
    Flows.param(node, "url", true);
    Flows.inputs(node).put("method", "GET").put("url", url + "/" + id + "?who={{ $vars.WHO }}");
    for (var source : sources) {
      Flows.edge(flow, source, id);
      successors.computeIfAbsent("/" + source, key -> new HashSet<>()).add("/" + id);
    }
    return id;
  }

  /** A variable that has in every worker the value of its environment. */
  private static void variable(Deployment deployment) throws Exception {
    try (var connection = deployment.connect();
        var statement =
            connection.prepareStatement(
                """
                INSERT INTO variable (name, type, "workspaceId")
                SELECT 'WHO', 'runtime', id FROM workspace LIMIT 1
                """)) {
      assertThat(statement.executeUpdate()).isEqualTo(1);
    }
  }

  private static long count(Deployment deployment, String condition) throws Exception {
    try (var connection = deployment.connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM execution WHERE " + condition)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
