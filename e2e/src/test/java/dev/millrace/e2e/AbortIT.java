package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Predictions that are stopped: from another server, while they wait, because the client left. */
class AbortIT {
  private static final ModelReply LONG = ModelReply.tokens(600, Duration.ofMillis(50));

  @Test
  void anAbortAtAnotherServerStopsTheWorker() throws Exception {
    try (var model = FakeModelServer.start().always(LONG);
        var deployment = new Deployment("queue")) {
      var first = deployment.startServer();
      var second = deployment.startServer();
      deployment.startWorker();
      var flow = first.createFlow(Flows.model(model.baseUrl()));
      var stream =
          first.predictAsync(flow, "{\"question\":\"q\",\"chatId\":\"chat-1\",\"streaming\":true}");
      await().until(() -> model.requests().size() == 1);

      var before = Instant.now();
      var abort = second.send("PUT", "/api/v1/chatmessage/abort/" + flow + "/chat-1", "");
      var events = first.events(stream.get(5, SECONDS).body());
      var took = Duration.between(before, Instant.now());

      assertThat(abort.body()).isEqualTo("{\"status\":200,\"message\":\"Chat message aborted\"}");
      assertThat(took).isLessThan(Duration.ofSeconds(1));
      assertThat(events.getLast().path("event").asString()).isEqualTo("end");
      assertThat(events).anyMatch(event -> event.path("event").asString().equals("abort"));
      assertThat(events)
          .anyMatch(event ->
              event.path("event").asString().equals("agentFlowEvent")
                  && event.path("data").asString().equals("TERMINATED"));
      await().untilAsserted(() -> assertThat(model.abandoned()).isEqualTo(1));
    }
  }

  @Test
  void anAbortTakesAWaitingPredictionOutOfTheQueue() throws Exception {
    try (var deployment = new Deployment("queue")) {
      var api = deployment.startServer();
      var other = deployment.startServer();
      var flow = api.createFlow(Flows.reply("never"));
      var answer = api.predictAsync(flow, "{\"question\":\"q\",\"chatId\":\"chat-2\"}");
      await()
          .atMost(10, SECONDS)
          .until(() -> {
            // No worker runs, so the abort may come before the job was added: send it until then.
            other.send("PUT", "/api/v1/chatmessage/abort/" + flow + "/chat-2", "");
            return answer.isDone();
          });

      assertThat(answer.get().statusCode()).isEqualTo(500);
      assertThat(answer.get().body()).contains("cancelled");
    }
  }

  @Test
  void aClientThatLeavesCancelsItsRun() throws Exception {
    for (var mode : new String[] {"main", "queue"}) {
      try (var model = FakeModelServer.start().always(LONG);
          var deployment = new Deployment(mode)) {
        var api = deployment.startServer();
        if (mode.equals("queue")) {
          deployment.startWorker();
        }
        var flow = api.createFlow(Flows.model(model.baseUrl()));
        try (var socket = new Socket("127.0.0.1", api.server().port())) {
          var body = "{\"question\":\"q\",\"streaming\":true}";
          var request =
              "POST /api/v1/prediction/%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(flow, body.length(), body);
          socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
          readUntil(socket.getInputStream(), "t3 ");
        }

        await(mode)
            .atMost(5, SECONDS)
            .untilAsserted(() -> assertThat(model.abandoned()).isEqualTo(1));
      }
    }
  }

  private static void readUntil(InputStream in, String text) throws Exception {
    var read = new StringBuilder();
    while (read.indexOf(text) < 0) {
      read.append((char) in.read());
    }
  }
}
