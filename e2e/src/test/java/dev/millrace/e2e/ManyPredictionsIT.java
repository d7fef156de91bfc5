package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** 200 predictions at concurrency 32: all right, in little memory. */
class ManyPredictionsIT {
  private static final int MOST_MEGABYTES = 350;

  @Test
  void allAnswerCorrectlyAndMemoryStaysSmall() throws Exception {
    try (var deployment = new Deployment("queue");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var api = deployment.startServer();
      var worker = deployment.startWorker();
      var flow = api.createFlow(Flows.reply("pong {{ question }}"));
      var atOnce = new Semaphore(32);
      var answers = new ArrayList<Future<String>>();
      for (var i = 0; i < 200; i++) {
        var question = "{\"question\":\"n" + i + "\"}";
        answers.add(
            threads.submit(() -> {
              atOnce.acquire();
              try {
                return api.predict(flow, question).body();
              } finally {
                atOnce.release();
              }
            }));
      }
      for (var i = 0; i < 200; i++) {
        assertThat(answers.get(i).get(30, SECONDS)).contains("\"text\":\"pong n" + i + "\"");
      }
      System.out.printf(
          "RSS after 200 predictions: server %.0f MB, worker %.0f MB%n",
          api.server().rssMegabytes(), worker.rssMegabytes());
      assertThat(api.server().rssMegabytes()).isLessThan(MOST_MEGABYTES);
      assertThat(worker.rssMegabytes()).isLessThan(MOST_MEGABYTES);
    }
  }
}
