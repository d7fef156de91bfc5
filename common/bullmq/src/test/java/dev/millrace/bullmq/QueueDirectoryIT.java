package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What dashboards read: queues whoever made them, and jobs as they are stored. */
class QueueDirectoryIT {
  private final TestQueue q = new TestQueue(TestRedis.url());
  private final QueueDirectory directory = new QueueDirectory(q.connections, QueueOptions.DEFAULT);

  @AfterEach
  void close() {
    q.close();
  }

  @Test
  void findsQueuesAndNothingElse() {
    q.add("j", JobOptions.builder().jobId("x"));
    q.queue
        .schedulers()
        .upsert("meta", Repeat.every(Duration.ofHours(1)), new NewJob("s", "{}", JobOptions.NONE));
    assertThat(directory.names()).contains(q.name).noneMatch(name -> name.contains(":"));
    assertThat(directory.exists(q.name)).isTrue();
    assertThat(directory.exists("none-" + q.name)).isFalse();
    assertThat(directory.exists("a:b")).isFalse();
    assertThat(new QueueDirectory(q.connections, QueueOptions.DEFAULT.withPrefix("bul*")).names())
        .isEmpty();
  }

  @Test
  void saysOfManyQueuesWhatTheySayOfThemselves() {
    q.add("a");
    q.add("b", JobOptions.builder().delay(100_000L));
    q.add("c", JobOptions.builder().priority(3));
    q.queue.pause();
    q.queue.settings().globalConcurrency(4);
    q.queue.settings().globalRateLimit(new WorkerOptions.RateLimit(2, Duration.ofSeconds(3)));
    q.queue.settings().rateLimit(Duration.ofSeconds(50));
    q.queue
        .schedulers()
        .upsert("s", Repeat.every(Duration.ofHours(1)), new NewJob("s", "{}", JobOptions.NONE));

    var overviews = directory.overviews(List.of("none-" + q.name, q.name));
    assertThat(overviews)
        .extracting(QueueOverview::queue)
        .containsExactly("none-" + q.name, q.name);
    assertThat(overviews.getFirst().counts()).isEqualTo(new JobCounts(0, 0, 0, 0, 0, 0, 0));
    var overview = overviews.getLast();
    assertThat(overview.counts()).isEqualTo(q.queue.counts());
    assertThat(overview.paused()).isTrue();
    assertThat(overview.concurrency()).isEqualTo(4);
    assertThat(overview.rateLimit())
        .isEqualTo(new WorkerOptions.RateLimit(2, Duration.ofSeconds(3)));
    assertThat(overview.limited()).isGreaterThan(Duration.ofSeconds(40));
    assertThat(overview.schedulers()).isEqualTo(1);
    assertThat(directory.overviews(List.of())).isEmpty();
  }

  @Test
  void workersAreThoseOfTheirQueue() {
    q.start(_ -> "1", TestQueue.workerOptions().name("w").build());
    org.awaitility.Awaitility.await().until(() -> q.queue.workers().size() == 1);
    var workers = directory.workers(List.of(q.name, "none-" + q.name));
    assertThat(workers.get(q.name)).extracting(WorkerInfo::name).containsExactly("w");
    assertThat(workers.get("none-" + q.name)).isEmpty();
    assertThat(directory.serverInfo()).contains("redis_version:");
  }

  @Test
  void pagesLeaveOutWhatIsTooLarge() {
    q.queue.add("small", "{\"a\":1}");
    q.queue.add("large", "\"" + "x".repeat(5_000) + "\"");
    q.add("later", JobOptions.builder().delay(100_000L));
    var getters = q.queue.getters();

    var jobs = getters.stored(List.of(JobState.WAITING, JobState.DELAYED), 0, 9, 1_000);
    assertThat(jobs).extracting(StoredJob::id).containsExactly("2", "1", "3");
    assertThat(jobs.getFirst().fields()).doesNotContainKey("data").containsEntry("name", "large");
    assertThat(jobs.getFirst().omittedData()).isEqualTo(5_002);
    assertThat(jobs.get(1).fields()).containsEntry("data", "{\"a\":1}");
    assertThat(jobs.get(1).omittedData()).isZero();
    assertThat(getters.stored(List.of(JobState.WAITING), 1, 1, 1_000))
        .extracting(StoredJob::id)
        .containsExactly("1");
    assertThat(getters.stored("2").orElseThrow().fields().get("data")).hasSize(5_002);
    assertThat(getters.stored("none")).isEmpty();
  }

  @Test
  void optionsHaveTheirNamesOfNode() {
    var json =
        "{\"attempts\":2,\"failParentOnFailure\":true,\"keepLogs\":3,"
            + "\"deduplication\":{\"id\":\"d\"},\"telemetry\":{\"omitContext\":true},\"own\":[1]}";
    q.queue.add("j", "{}", NodeJobOptions.read(json));
    var stored = q.queue.getters().stored("1").orElseThrow().fields().get("opts");
    assertThat(stored).contains("\"fpof\":true", "\"kl\":3", "\"de\":", "\"omc\":true");
    assertThat(Json.tree(NodeJobOptions.write(stored))).isEqualTo(Json.tree(json));
    assertThat(NodeJobOptions.write("no json")).isEqualTo("{}");
    assertThat(NodeJobOptions.write(null)).isEqualTo("{}");
    assertThat(NodeJobOptions.ofJob("{\"repeatJobKey\":\"every\",\"kl\":3}"))
        .isEqualTo("{\"keepLogs\":3,\"attempts\":0}");
  }
}
