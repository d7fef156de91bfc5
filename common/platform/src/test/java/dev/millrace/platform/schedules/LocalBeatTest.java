package dev.millrace.platform.schedules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LocalBeatTest {
  private final List<Instant> runs = new CopyOnWriteArrayList<>();

  @Test
  void tellsOfEachTimeOnceUntilItIsRemoved() {
    try (var beat = new LocalBeat(Clock.systemUTC(), (schedule, due) -> runs.add(due))) {
      var schedule = schedule("* * * * * *");
      beat.set(schedule);
      beat.set(schedule); // saved twice
      await().atMost(Duration.ofSeconds(10)).until(() -> runs.size() >= 3);
      beat.remove(schedule.id());
      assertThat(runs).doesNotHaveDuplicates().isSorted();
      assertThat(runs).allMatch(time -> time.toEpochMilli() % 1_000 == 0);

      var seen = runs.size();
      await()
          .during(Duration.ofMillis(1_500))
          .atMost(Duration.ofSeconds(3))
          .until(() -> runs.size() <= seen + 1);
    }
  }

  /** Saved again and again while it is due: an old timer may be about to fire. */
  @Test
  void tellsOfEachTimeOnceHoweverOftenItIsSaved() {
    try (var beat = new LocalBeat(Clock.systemUTC(), (schedule, due) -> runs.add(due))) {
      var schedule = schedule("* * * * * *");
      await()
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofNanos(1))
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            beat.set(schedule);
            return runs.size() >= 4;
          });
      assertThat(runs).doesNotHaveDuplicates();
    }
  }

  private static Schedule schedule(String cron) {
    return new Schedule(
        "s1", "f1", null, cron, "UTC", true, "text", "go", null, null, null, null, "w1");
  }
}
