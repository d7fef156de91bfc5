package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis goes away under load and comes back, with and without its data. */
class RedisOutageIT {
  private static final int CLIENTS = 16;

  @ParameterizedTest(name = "data lost: {0}")
  @ValueSource(booleans = {false, true})
  void everyClientIsAnsweredAndLaterPredictionsSucceed(boolean dataLost) throws Exception {
    try (var deployment = new Deployment("queue").with("PREDICTION_TIMEOUT", "20");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var api = deployment.startServer();
      var worker = deployment.startWorker();
      var flow = api.createFlow(Flows.reply("pong {{ question }}"));
      var loading = new AtomicBoolean(true);
      var clients = new ArrayList<Future<List<HttpResponse<String>>>>();
      for (var i = 0; i < CLIENTS; i++) {
        clients.add(threads.submit(() -> askUntil(loading, api, flow)));
      }
      await().until(() -> api.predict(flow, "{\"question\":\"1\"}").statusCode() == 200);

      deployment.redis().kill();
      await().atMost(15, SECONDS).until(() -> worker.status("/healthz") == 503);
      // The outage lasts 5 s in all; nothing happens in it that could be awaited.
      await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
      if (dataLost) {
        deployment.redis().wipe();
      }
      deployment.redis().restart();

      await()
          .atMost(5, SECONDS)
          .untilAsserted(() ->
              assertThat(api.predict(flow, "{\"question\":\"2\"}").body())
                  .as(deployment.logs())
                  .contains("pong 2"));
      await().atMost(5, SECONDS).until(() -> worker.status("/healthz") == 200);
      loading.set(false);
      for (var client : clients) {
        // Within its limit every client got an answer: the flow's, or an error that says why.
        assertThat(client.get(30, SECONDS))
            .extracting(answer -> answer.statusCode() + " " + answer.body())
            .allMatch(answer ->
                answer.startsWith("200 ")
                    ? answer.contains("pong load")
                    : answer.startsWith("503 ") && answer.contains("message"));
      }
      for (var i = 0; i < 20; i++) {
        assertThat(api.predict(flow, "{\"question\":\"3\"}").body()).contains("pong 3");
      }
    }
  }

  @Test
  void nodesThatStartWithoutRedisServeWhenItIsThere() throws Exception {
    try (var deployment = new Deployment("queue");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      deployment.redis().kill();
      var worker = deployment.startWorkerWithoutWaiting();
      var server = threads.submit(() -> deployment.startServer());
      await().atMost(30, SECONDS).until(() -> worker.log().contains("for Redis at "));

      deployment.redis().restart();

      var api = server.get(60, SECONDS);
      worker.awaitUp("/healthz");
      var flow = api.createFlow(Flows.reply("pong {{ question }}"));
      assertThat(api.predict(flow, "{\"question\":\"1\"}").body()).contains("pong 1");
    }
  }

  private static List<HttpResponse<String>> askUntil(AtomicBoolean loading, Api api, String flow)
      throws Exception {
    var answers = new ArrayList<HttpResponse<String>>();
    while (loading.get()) {
      var answer = api.predict(flow, "{\"question\":\"load\"}");
      answers.add(answer);
      if (answer.statusCode() != 200) {
        // As a well-behaved client does after a 503.
        await().pollDelay(Duration.ofMillis(200)).until(() -> true);
      }
    }
    return answers;
  }
}
