package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.pgjobs.cron.CronItem;
import dev.millrace.pgjobs.cron.Crontab;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs that are added when their time has come. */
class CronIT {
  private static final String ADDED = "SELECT count(*) FROM graphile_worker.jobs";

  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-05-04T08:00:30Z"));

  @AfterEach
  void close() {
    t.close();
  }

  private JobRunner start(String crontab) {
    return t.run(
        jobs,
        Tasks.of("none", job -> {}),
        RunnerOptions.builder().cron(Crontab.parse(crontab).items()).clock(now::get));
  }

  private void known(String identifier, String lastExecution) {
    t.column(
        "INSERT INTO graphile_worker._private_known_crontabs VALUES (?, '2026-01-01', ?::timestamptz)",
        identifier,
        lastExecution);
  }

  private void awaitKnown(String identifier) {
    t.awaitCount(
        "SELECT count(*) FROM graphile_worker._private_known_crontabs WHERE identifier = '"
            + identifier
            + "'",
        1);
  }

  private List<String> slots() {
    return jobs.list(JobFilter.ALL).stream().map(job -> job.runAt().toString()).toList();
  }

  @Test
  void aNewItemIsNotMadeUpFor() {
    start("* * * * * a ?fill=1d");

    awaitKnown("a");
    assertThat(t.count(ADDED)).isZero();
  }

  @Test
  void comesAtItsMinuteAndNotBefore() {
    start("1 8 * * * a ?id=x&max=3&queue=q&priority=4 {b: 1}");
    awaitKnown("x");
    now.set(Instant.parse("2026-05-04T08:00:59.999Z"));
    assertThat(t.count(ADDED)).isZero();

    now.set(Instant.parse("2026-05-04T08:01:00Z"));

    t.awaitCount(ADDED, 1);
    var job = jobs.list(JobFilter.ALL).getFirst();
    assertThat(job.task()).isEqualTo("a");
    assertThat(job.runAt()).isEqualTo("2026-05-04T08:01:00Z");
    assertThat(job.maxAttempts()).isEqualTo(3);
    assertThat(job.queueName()).isEqualTo("q");
    assertThat(job.priority()).isEqualTo(4);
    assertThat(jobs.payload(job.id()))
        .contains("{\"b\":1,\"_cron\":{\"ts\":\"2026-05-04T08:01:00.000Z\",\"backfilled\":false}}");
  }

  @Test
  void makesUpForWhatWasMissed() {
    known("a", "2026-05-03T07:00:00Z");
    known("short", "2026-05-03T07:00:00Z");

    start("0 */4 * * * a ?fill=1w\n0 */4 * * * b ?id=short&fill=5h\n0 */4 * * * c ?fill=1w");

    await().atMost(TestDatabase.LIMIT).until(() -> t.count(ADDED) == 9);
    assertThat(jobs.list(new JobFilter(null, "b", 0, 10)))
        .extracting(job -> job.runAt().toString())
        .containsExactly("2026-05-04T04:00:00Z", "2026-05-04T08:00:00Z");
    assertThat(jobs.payload(jobs.list(JobFilter.ALL).getFirst().id()).orElseThrow())
        .contains("\"backfilled\":true");
  }

  @Test
  void oneKeyLeavesOneOfWhatWasMissed() {
    known("a", "2026-05-03T07:00:00Z");

    start("0 */4 * * * a ?fill=1w&jobKey=k");

    await()
        .atMost(TestDatabase.LIMIT)
        .untilAsserted(() -> assertThat(slots()).containsExactly("2026-05-04T08:00:00Z"));
  }

  @Test
  void manyNodesAddOneRun() {
    var item = CronItem.of("* * * * *", "a");
    for (var i = 0; i < 5; i++) {
      t.run(
          jobs,
          Tasks.of("none", job -> {}),
          RunnerOptions.builder().cron(List.of(item)).clock(now::get));
    }
    awaitKnown("a");

    now.set(Instant.parse("2026-05-04T08:03:10Z"));

    t.awaitCount(ADDED, 3);
    await()
        .pollDelay(Duration.ofSeconds(2))
        .atMost(TestDatabase.LIMIT)
        .untilAsserted(() ->
            assertThat(slots())
                .containsExactly(
                    "2026-05-04T08:01:00Z", "2026-05-04T08:02:00Z", "2026-05-04T08:03:00Z"));
  }

  @Test
  void aClockThatGoesBackRepeatsNothing() {
    start("* * * * * a");
    awaitKnown("a");
    now.set(Instant.parse("2026-05-04T08:05:00Z"));
    t.awaitCount(ADDED, 5);

    now.set(Instant.parse("2026-05-04T07:50:00Z"));
    await()
        .pollDelay(Duration.ofSeconds(2))
        .atMost(TestDatabase.LIMIT)
        .untilAsserted(() -> assertThat(t.count(ADDED)).isEqualTo(5));
    now.set(Instant.parse("2026-05-04T08:06:30Z"));

    t.awaitCount(ADDED, 6);
  }

  @Test
  void zonesSayWhenItIsEight() {
    start("2 10 * * * a ?tz=Europe/Paris");
    awaitKnown("a");

    now.set(Instant.parse("2026-05-04T08:02:00Z"));

    await()
        .atMost(TestDatabase.LIMIT)
        .untilAsserted(() -> assertThat(slots()).containsExactly("2026-05-04T08:02:00Z"));
  }

  @Test
  void goesOnWhenTheTableWasAwayForAMoment() {
    start("* * * * * a");
    awaitKnown("a");
    t.column("ALTER TABLE graphile_worker._private_known_crontabs RENAME TO hidden");
    now.set(Instant.parse("2026-05-04T08:01:10Z"));
    await()
        .pollDelay(Duration.ofSeconds(1))
        .atMost(TestDatabase.LIMIT)
        .until(() -> t.count(ADDED) == 0);

    t.column("ALTER TABLE graphile_worker.hidden RENAME TO _private_known_crontabs");

    t.awaitCount(ADDED, 1);
  }
}
