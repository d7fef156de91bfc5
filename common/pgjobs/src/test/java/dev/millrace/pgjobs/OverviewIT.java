package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.millrace.pgjobs.telemetry.MicrometerMeters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much there is to do, who does it, and the meters of both. */
class OverviewIT {
  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();

  @AfterEach
  void close() {
    t.close();
  }

  @Test
  void countsJobsByTaskAndState() {
    var due = Instant.parse("2026-01-02T03:04:05Z");
    jobs.add(NewJob.of("b").withRunAt(due));
    jobs.add(NewJob.of("b").withRunAt(due.plusSeconds(1)));
    jobs.add(NewJob.of("b").withRunAt(Instant.now().plusSeconds(600)));
    var locked = jobs.add("a", "{}").id();
    var dead = jobs.add("a", "{}").id();
    t.column(
        "UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'x' WHERE id = ?",
        locked);
    t.column("UPDATE graphile_worker._private_jobs SET attempts = 25 WHERE id = ?", dead);

    assertThat(jobs.counts())
        .containsExactly(new JobCounts("a", 0, 0, 1, 1, null), new JobCounts("b", 2, 1, 0, 0, due));
    assertThat(jobs.revision()).isEqualTo(20);
  }

  @Test
  void tellsTheLengthOnlyOfLongPayloads() {
    var small = jobs.add("a", "{\"é\": 1}").id();
    var large = jobs.add("a", "\"" + "x".repeat(998) + "\"").id();

    assertThat(jobs.payloads(List.of(small, large, 99L), 100))
        .containsOnly(
            entry(small, new Payload("{\"é\": 1}", 9)), entry(large, new Payload(null, 1_000)));
  }

  @Test
  void listsRunnersAndWhatTheyHave() throws Exception {
    var began = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    jobs.add("a", "{}");
    var runner =
        t.run(
            jobs,
            Tasks.of(
                "a",
                job -> {
                  began.countDown();
                  var _ = goOn.await(20, TimeUnit.SECONDS);
                }),
            RunnerOptions.builder());
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();

    var found = jobs.runners();

    assertThat(found)
        .singleElement()
        .satisfies(one -> {
          assertThat(one.poolId()).isEqualTo(runner.poolId());
          assertThat(one.isAlive()).isTrue();
          assertThat(one.locked()).isEqualTo(1);
          assertThat(one.lease()).isEqualTo(Duration.ofSeconds(15));
          assertThat(one.host()).endsWith(":" + ProcessHandle.current().pid());
        });
    goOn.countDown();
    runner.close();
    assertThat(jobs.runners()).isEmpty();
  }

  @Test
  void metersTellWhatHappenedAndWhatIsLeft() throws InterruptedException {
    var registry = new SimpleMeterRegistry();
    var meters = new MicrometerMeters(registry);
    meters.watch(jobs);
    jobs.add("good", "{}");
    jobs.add("bad", "{}");
    jobs.add(NewJob.of("bad").withMaxAttempts(1));

    JobRunner.runOnce(
        jobs,
        Tasks.builder()
            .add("good", job -> {})
            .add(
                "bad",
                job -> {
                  throw new IllegalStateException("no");
                })
            .build(),
        RunnerOptions.builder().listener(meters).build());

    assertThat(attempts(registry, "good", "completed")).isEqualTo(1);
    assertThat(attempts(registry, "bad", "failed")).isEqualTo(1);
    assertThat(attempts(registry, "bad", "dead")).isEqualTo(1);
    assertThat(registry.get("pgjobs.jobs.fetched").counter().count()).isEqualTo(3);
    assertThat(registry.get("pgjobs.job.delay").tag("task", "good").timer().count()).isEqualTo(1);
    assertThat(registry.get("pgjobs.jobs").tag("state", "waiting").gauge().value()).isEqualTo(1);
    assertThat(registry.get("pgjobs.jobs").tag("state", "dead").gauge().value()).isEqualTo(1);
  }

  private static long attempts(SimpleMeterRegistry registry, String task, String outcome) {
    return registry
        .get("pgjobs.job.duration")
        .tags("task", task, "outcome", outcome)
        .timer()
        .count();
  }
}
