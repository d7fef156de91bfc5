package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers that make the next runs of schedulers. */
class SchedulerChainIT {
  private TestQueue q;

  @BeforeEach
  void open() {
    q = new TestQueue(TestRedis.url());
  }

  @AfterEach
  void close() {
    q.close();
  }

  private SchedulerChain chain(List<Throwable> errors) {
    var scripts = new Scripts(q.connections, new Keys("bull", q.name), Compat.V6, false);
    return new SchedulerChain(
        q.connections, scripts, Duration.ofSeconds(1), () -> false, errors::add);
  }

  @Test
  void runsFollowEachOtherUntilTheLimit() {
    var seen = new ConcurrentLinkedQueue<Job>();
    Processor processor =
        job -> {
          seen.add(job.job());
          return null;
        };
    q.start(processor);
    q.start(processor);
    var options = JobOptions.builder().attempts(3).build();
    q.queue
        .schedulers()
        .upsert(
            "s",
            Repeat.every(Duration.ofMillis(250)).withLimit(4),
            new NewJob("tick", "{\"n\":1}", options));

    await().until(() -> q.queue.counts().equals(new JobCounts(0, 0, 0, 0, 0, 4, 0)));
    assertThat(seen).hasSize(4);
    var times = seen.stream().map(SchedulerChainIT::due).toList();
    assertThat(times).doesNotHaveDuplicates().isSorted();
    // A worker that is late skips runs, but does not shift them.
    assertThat(times).allMatch(time -> (time - times.getFirst()) % 250 == 0);
    var count = 0;
    for (var job : seen) {
      assertThat(job.id()).isEqualTo("repeat:s:" + due(job));
      assertThat(job.name()).isEqualTo("tick");
      assertThat(job.data()).isEqualTo("{\"n\":1}");
      assertThat(job.options().attempts()).isEqualTo(3);
      assertThat(job.options().others().get("repeat"))
          .isEqualTo("{\"every\":250,\"limit\":4,\"count\":%d}".formatted(++count));
      assertThat(job.processedOn()).isGreaterThanOrEqualTo(due(job));
    }
    var scheduler = q.queue.schedulers().get("s").orElseThrow();
    assertThat(scheduler.iterationCount()).isEqualTo(4);
    assertThat(q.redis().get(q.key("id"))).isEqualTo("4");
  }

  private static long due(Job run) {
    return Long.parseLong(run.options().others().getOrDefault("prevMillis", "0"));
  }

  @Test
  void onlyTheCurrentRunIsFollowedAndOnlyOnce() {
    var errors = new CopyOnWriteArrayList<Throwable>();
    q.queue.schedulers().upsert("s", Repeat.every(Duration.ofMinutes(1)));
    var run = q.manualSource(WorkerOptions.DEFAULT).fetch(1).jobs().getFirst().job();

    chain(errors).follow(run);
    chain(errors).follow(run);

    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 1, 1, 0, 0, 0, 0));
    assertThat(q.redis().hget(q.key("repeat:s"), "ic")).isEqualTo("2");
    assertThat(errors).isEmpty();

    q.queue.schedulers().remove("s");
    chain(errors).follow(run);
    assertThat(q.queue.schedulers().count()).isZero();
    assertThat(q.queue.counts().delayed()).isZero();
  }

  @Test
  void theNextRunComesBeforeTheProcessor() {
    var due = Instant.now();
    q.queue
        .schedulers()
        .upsert("s", Repeat.cron("0 0 1 1 *").withTimeZone("UTC").withImmediately());
    q.start(job -> Long.toString(q.queue.schedulers().get("s").orElseThrow().next()));
    await().until(() -> q.queue.counts().completed() == 1);

    var next =
        CronParser.parse("0 0 1 1 *")
            .nextAfter(due, ZoneNames.of("UTC"))
            .orElseThrow()
            .toEpochMilli();
    assertThat(q.redis().zcard(q.key("delayed"))).isEqualTo(1);
    assertThat(q.queue.state("repeat:s:" + next)).isEqualTo(JobState.DELAYED);
    assertThat(q.events().stream().map(e -> e.replaceAll(" jobId.*", "")).toList())
        .containsExactly(
            "event added",
            "event waiting",
            "event active",
            "event added",
            "event delayed",
            "event completed");
  }

  @Test
  void aRunWhoseFollowerCannotBeMadeIsProcessedAllTheSame() {
    var errors = new CopyOnWriteArrayList<Throwable>();
    var run =
        q.queue.schedulers().upsert("s", Repeat.cron("0 0 1 1 *").withImmediately()).orElseThrow();
    q.redis().hset(q.key(run.id()), "opts", "{\"repeat\":{\"pattern\":\"no cron\",\"count\":1}}");
    var listener =
        new WorkerListener() {
          @Override
          public void error(Throwable error) {
            errors.add(error);
          }
        };
    q.start(_ -> null, TestQueue.workerOptions().listener(listener).build());
    await().until(() -> q.queue.state(run.id()) == JobState.COMPLETED);
    assertThat(errors)
        .singleElement()
        .satisfies(e ->
            assertThat(e)
                .hasMessageStartingWith("Failed to add repeatable job for next iteration: "));
  }

  /** As 5.45.2 stores {@code add(…, {repeat: {every: 100000}})}. */
  @Test
  void repeatableJobsOfVersion5GoOn() {
    var key = "e70f52f343c9e958f5bae98331fa4457";
    var due = System.currentTimeMillis() - 10;
    var id = "repeat:" + key + ":" + due;
    q.redis().hset(q.key("repeat:" + key), Map.of("name", "rep", "every", "100000"));
    q.redis().zadd(q.key("repeat"), (double) due, key);
    q.redis()
        .hset(
            q.key(id),
            Map.of(
                "name", "rep",
                "data", "{\"y\":1}",
                "opts",
                    "{\"prevMillis\":%d,\"repeat\":{\"every\":100000,\"count\":1},\"attempts\":0}"
                        .formatted(due),
                "rjk", key,
                "timestamp", "1"));
    q.redis().lpush(q.key("wait"), id);
    q.start(_ -> null);

    await().until(() -> q.queue.state(id) == JobState.COMPLETED);
    var next = q.queue.job("repeat:" + key + ":" + (due + 100_000)).orElseThrow();
    assertThat(next.data()).isEqualTo("{\"y\":1}");
    assertThat(next.options().others().get("repeat")).isEqualTo("{\"every\":100000,\"count\":2}");
    var listed = q.queue.schedulers().list().getFirst();
    assertThat(listed.iterationCount()).isNull();
    assertThat(listed.every()).isEqualTo(100_000);
  }
}
