package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many jobs finished, and what Prometheus is told. */
class MetricsIT {
  private TestQueue q;

  @BeforeEach
  void open() {
    q = new TestQueue(TestRedis.url());
  }

  @AfterEach
  void close() {
    q.close();
  }

  @Test
  void pointsAreThoseOfAppendixG() {
    var steps =
        Map.of(
            6_000_010L, List.<Long>of(),
            6_000_020L, List.<Long>of(),
            6_060_005L, List.of(2L),
            6_060_006L, List.of(2L),
            6_240_001L, List.of(0L, 0L, 2L, 2L),
            6_240_002L, List.of(0L, 0L, 2L, 2L),
            6_300_000L, List.of(2L, 0L, 0L, 2L, 2L));
    for (var step : steps.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList()) {
      LuaPart.call(
          q,
          step.getKey(),
          "recordFinished(queueAt(ARGV[1]), 'completed', 1, 10) return {}",
          "core",
          "metrics");
      assertThat(q.queue.metrics().finished(QueueMetrics.Type.COMPLETED).points())
          .as("at %s", step.getKey())
          .isEqualTo(step.getValue());
    }
    assertThat(q.redis().hgetall(q.key("metrics:completed")))
        .isEqualTo(Map.of("count", "7", "prevTS", "6300000", "prevCount", "6"));
    assertThat(q.queue.metrics().finished(QueueMetrics.Type.COMPLETED, 0, 1))
        .isEqualTo(new QueueMetrics.Finished(7, 6_300_000, 6, List.of(2L, 0L), 5));
  }

  @Test
  void aWorkerCountsWhatItFinishes() {
    var options = TestQueue.workerOptions().metrics(3).build();
    q.start(
        job -> {
          if (job.job().name().equals("bad")) {
            throw new IllegalStateException("boom");
          }
          return null;
        },
        options);
    q.add("good");
    q.add("bad", JobOptions.builder().attempts(2));
    q.add("good");
    await().until(() -> q.queue.counts().completed() == 2 && q.queue.counts().failed() == 1);

    assertThat(q.queue.metrics().finished(QueueMetrics.Type.COMPLETED).count()).isEqualTo(2);
    assertThat(q.queue.metrics().finished(QueueMetrics.Type.FAILED).count()).isEqualTo(1);
    var labels = new LinkedHashMap<String, String>();
    labels.put("env", "x\"y\\z");
    labels.put("b", "2");
    assertThat(q.queue.metrics().prometheus(labels))
        .isEqualTo(
            """
            # HELP bullmq_job_count Number of jobs in the queue by state
            # TYPE bullmq_job_count gauge
            bullmq_job_count{queue="Q", state="active", env="x\\"y\\\\z", b="2"} 0
            bullmq_job_count{queue="Q", state="completed", env="x\\"y\\\\z", b="2"} 2
            bullmq_job_count{queue="Q", state="delayed", env="x\\"y\\\\z", b="2"} 0
            bullmq_job_count{queue="Q", state="failed", env="x\\"y\\\\z", b="2"} 1
            bullmq_job_count{queue="Q", state="prioritized", env="x\\"y\\\\z", b="2"} 0
            bullmq_job_count{queue="Q", state="waiting", env="x\\"y\\\\z", b="2"} 0
            bullmq_job_count{queue="Q", state="waiting-children", env="x\\"y\\\\z", b="2"} 0
            # HELP bullmq_job_completed_total Total number of completed jobs
            # TYPE bullmq_job_completed_total counter
            bullmq_job_completed_total{queue="Q", env="x\\"y\\\\z", b="2"} 2
            # HELP bullmq_job_failed_total Total number of failed jobs
            # TYPE bullmq_job_failed_total counter
            bullmq_job_failed_total{queue="Q", env="x\\"y\\\\z", b="2"} 1
            """
                .replace("\"Q\"", '"' + q.name + '"'));
  }

  @Test
  void withoutTheOptionNothingIsCounted() {
    q.start(_ -> null);
    q.add("j");
    await().until(() -> q.queue.counts().completed() == 1);
    assertThat(q.redis().exists(q.key("metrics:completed"))).isZero();
    assertThat(q.queue.metrics().finished(QueueMetrics.Type.COMPLETED))
        .isEqualTo(new QueueMetrics.Finished(0, 0, 0, List.of(), 0));
  }
}
