package dev.millrace.platform.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.JobOptions;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.history.JobHistoryStore.Granularity;
import dev.millrace.platform.history.JobHistoryStore.Latency;
import dev.millrace.platform.history.JobHistoryStore.Metric;
import dev.millrace.platform.history.JobHistoryStore.Point;
import dev.millrace.platform.history.JobHistoryStore.Range;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobHistoryIT {
  private static final long DAY = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();
  private static final long HOUR = 3_600_000;

  private final Database database = TestDatabase.migrated();
  private final JobHistoryStore store = new JobHistoryStore(database);

  @AfterEach
  void close() {
    database.close();
  }

  private static Job job(String queue, long added, long began, JobOptions options) {
    return new Job(
        queue, "1", "j", "{}", options, added, 0, 0, "0", 0, 1, 0, began, null, null, null,
        List.of(), null, null, null, null, null);
  }

  /** Counts a job that waited and ran for so long, and ended then. */
  private void end(String queue, long at, long waited, long ran, boolean completed) {
    var clock = Clock.fixed(Instant.ofEpochMilli(at), ZoneOffset.UTC);
    try (var history = new JobHistory(store, clock)) {
      var job = job(queue, at - ran - waited, at - ran, JobOptions.NONE);
      if (completed) {
        history.completed(job, "1");
      } else {
        history.failed(job, new IllegalStateException("no"));
      }
    }
  }

  private static Range all(@Nullable String queue, Granularity granularity) {
    return new Range(queue, DAY - 24 * HOUR, DAY + 48 * HOUR, granularity);
  }

  @Test
  void jobsAreCountedPerHourAndDay() {
    end("a", DAY + 10, 5, 5, true);
    end("a", DAY + 20, 7, 5, true);
    end("a", DAY + HOUR + 20, 90, 5, false);
    end("b", DAY + 25 * HOUR, 1, 1, true);

    assertThat(store.series(Metric.COMPLETED, all("a", Granularity.HOUR)))
        .containsExactly(new Point(DAY, 2), new Point(DAY + HOUR, 0));
    assertThat(store.series(Metric.FAILED, all("a", Granularity.DAY)))
        .containsExactly(new Point(DAY, 1));
    assertThat(store.series(Metric.COMPLETED, all(null, Granularity.DAY)))
        .containsExactly(new Point(DAY, 2), new Point(DAY + 24 * HOUR, 1));
    assertThat(store.series(Metric.QUEUE_AGE, all("a", Granularity.DAY)))
        .containsExactly(new Point(DAY, 90));
  }

  @Test
  void anAttemptThatWillBeRepeatedIsNoEnd() {
    var clock = Clock.fixed(Instant.ofEpochMilli(DAY), ZoneOffset.UTC);
    try (var history = new JobHistory(store, clock)) {
      var twice = JobOptions.builder().attempts(2).build();
      history.failed(job("a", DAY, DAY, twice), new IllegalStateException("no"));
    }
    assertThat(store.series(Metric.FAILED, all("a", Granularity.DAY))).isEmpty();
  }

  @Test
  void percentilesAreWithinFivePercent() {
    var clock = Clock.fixed(Instant.ofEpochMilli(DAY + HOUR), ZoneOffset.UTC);
    try (var history = new JobHistory(store, clock)) {
      for (var ran = 1; ran <= 1000; ran++) {
        var began = DAY + HOUR - ran;
        history.completed(job("a", began - 10L * ran, began, JobOptions.NONE), "1");
      }
    }
    var run =
        store.latency(Latency.RUN_TIME, all("a", Granularity.RANGE), List.of(50.0, 95.0, 99.0));
    assertThat(run).hasSize(1);
    assertThat(run.getFirst().jobs()).isEqualTo(1000);
    assertThat(run.getFirst().millis().get(50.0)).isCloseTo(500, within(25.0));
    assertThat(run.getFirst().millis().get(95.0)).isCloseTo(950, within(48.0));
    var waited = store.latency(Latency.WAIT_TIME, all(null, Granularity.HOUR), List.of(99.0));
    assertThat(waited.getFirst().at()).isEqualTo(DAY + HOUR);
    assertThat(waited.getFirst().millis().get(99.0)).isCloseTo(9900, within(500.0));
  }

  @Test
  void historyIsWeighedAndThrownAway() {
    end("a", DAY, 1, 1, true);
    end("a", DAY + 24 * HOUR, 1, 1, true);
    end("b", DAY, 1, 1, true);
    assertThat(store.usage()).extracting(JobHistoryStore.Usage::queue).containsExactly("a", "b");
    assertThat(store.usage().getFirst().days())
        .containsExactly(LocalDate.parse("2026-03-01"), LocalDate.parse("2026-03-02"));
    assertThat(store.usage().getFirst().bytes()).isPositive();
    assertThat(store.purge("a", LocalDate.parse("2026-03-02"))).isEqualTo(3);
    assertThat(store.usage().getFirst().days()).containsExactly(LocalDate.parse("2026-03-02"));
    assertThat(store.purge(null, null)).isEqualTo(6);
    assertThat(store.usage()).isEmpty();
  }

  @Test
  void closingStoresTheRest() {
    var clock = Clock.fixed(Instant.ofEpochMilli(DAY), ZoneOffset.UTC);
    var history = new JobHistory(store, clock);
    history.completed(job("a", DAY, DAY, JobOptions.NONE), "1");
    history.flush();
    history.completed(job("a", DAY, DAY, JobOptions.NONE), "1");
    history.close();
    assertThat(store.series(Metric.COMPLETED, all("a", Granularity.DAY)))
        .containsExactly(new Point(DAY, 2));
  }
}
