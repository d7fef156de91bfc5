package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.sql.DriverManager;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Workers that die and workers that are told to stop. */
class WorkerDeathIT {

  @Test
  void aKilledWorkersPredictionIsAnsweredByAnother() throws Exception {
    try (var model = FakeModelServer.start();
        var deployment = new Deployment("queue")) {
      model.reply(new ModelReply.Hang(), ModelReply.tokens(40, Duration.ZERO));
      var api = deployment.startServer();
      var first = deployment.startWorker();
      var flow = api.createFlow(Flows.model(model.baseUrl()));
      var answer = api.predictAsync(flow, "{\"question\":\"q\"}");
      await().until(() -> model.requests().size() == 1);
      deployment.startWorker();

      first.kill();

      var response = answer.get(40, SECONDS);
      assertThat(response.statusCode()).as(response.body() + deployment.logs()).isEqualTo(200);
      assertThat(response.body()).contains("t39");
      assertThat(model.requests()).hasSize(2);
      assertThat(count(deployment, "SELECT count(*) FROM execution WHERE state = 'FINISHED'"))
          .isEqualTo(1);
      assertThat(count(deployment, "SELECT count(*) FROM execution")).isEqualTo(1);
      assertThat(count(deployment, "SELECT count(*) FROM chat_message")).isEqualTo(2);
    }
  }

  @Test
  void aStoppedWorkerFinishesWhatItHas() throws Exception {
    try (var model = FakeModelServer.start().always(ModelReply.tokens(40, Duration.ofMillis(50)));
        var deployment = new Deployment("queue")) {
      var api = deployment.startServer();
      var worker = deployment.startWorker();
      var flow = api.createFlow(Flows.model(model.baseUrl()));
      var answer = api.predictAsync(flow, "{\"question\":\"q\"}");
      await().until(() -> model.requests().size() == 1);

      assertThat(worker.terminate(Duration.ofSeconds(20))).isZero();

      assertThat(answer.get(5, SECONDS).body()).contains("t39");
      assertThat(model.requests()).hasSize(1);
    }
  }

  @Test
  void aStoppedWorkerHandsBackWhatItCannotFinish() throws Exception {
    try (var model = FakeModelServer.start();
        var deployment = new Deployment("queue").with("SHUTDOWN_TIMEOUT", "1")) {
      model.reply(new ModelReply.Hang(), ModelReply.text("from the second worker"));
      var api = deployment.startServer();
      var first = deployment.startWorker();
      var flow = api.createFlow(Flows.model(model.baseUrl()));
      var answer = api.predictAsync(flow, "{\"question\":\"q\"}");
      await().until(() -> model.requests().size() == 1);

      assertThat(first.terminate(Duration.ofSeconds(15))).isZero();
      deployment.startWorker();

      var response = answer.get(30, SECONDS);
      assertThat(response.body()).contains("from the second worker");
    }
  }

  @Test
  void aJobThatKillsEveryWorkerFailsWithAReason() throws Exception {
    try (var model = FakeModelServer.start().always(new ModelReply.Hang());
        var deployment = new Deployment("queue")) {
      var api = deployment.startServer();
      var flow = api.createFlow(Flows.model(model.baseUrl()));
      var answer = api.predictAsync(flow, "{\"question\":\"q\"}");
      for (var death = 1; death <= 2; death++) {
        var victim = deployment.startWorker();
        var calls = death;
        await().atMost(30, SECONDS).until(() -> model.requests().size() == calls);
        victim.kill();
      }
      deployment.startWorker();

      var response = answer.get(40, SECONDS);
      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.body()).contains("job stalled more than allowable limit");
      await()
          .untilAsserted(() ->
              assertThat(
                      count(
                          deployment, "SELECT count(*) FROM execution WHERE state = 'INPROGRESS'"))
                  .isZero());
    }
  }

  private static long count(Deployment deployment, String query) throws Exception {
    var db = deployment.db();
    try (var connection = DriverManager.getConnection(db.jdbcUrl(), db.user(), db.password());
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
