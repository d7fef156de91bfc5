package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Job schedulers as they are stored. */
class SchedulerIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private TestQueue q;

  @BeforeEach
  void open() {
    q = new TestQueue(TestRedis.url());
  }

  @AfterEach
  void close() {
    q.close();
  }

  private JobSchedulers schedulers() {
    return q.queue.schedulers();
  }

  private Map<String, String> stored(String id) {
    return q.redis().hgetall(q.key("repeat:" + id));
  }

  private long score(String id) {
    return q.redis().zscore(q.key("repeat"), id).longValue();
  }

  private static NewJob template(String data, JobOptions.Builder options) {
    return new NewJob("nm", data, options.build());
  }

  @Test
  void aCronSchedulerIsStoredAsNodeStoresIt() {
    var repeat =
        Repeat.cron("0 0 3 * * *")
            .withTimeZone("Europe/Madrid")
            .withEnd(Instant.parse("2100-01-01T00:00:00Z"));
    var options = JobOptions.builder().attempts(3).priority(4).removeOnComplete(KeepJobs.NONE);

    var run = schedulers().upsert("schedule:c/1", repeat, template("{\"a\":1}", options));

    var next = score("schedule:c/1");
    assertThat(Instant.ofEpochMilli(next))
        .isEqualTo(
            CronParser.parse("0 0 3 * * *")
                .nextAfter(Instant.now(), ZoneNames.of("Europe/Madrid"))
                .orElseThrow());
    assertThat(stored("schedule:c/1"))
        .isEqualTo(
            Map.of(
                "name", "nm",
                "tz", "Europe/Madrid",
                "pattern", "0 0 3 * * *",
                "endDate", "4102444800000",
                "offset", "0",
                "data", "{\"a\":1}",
                "opts", "{\"attempts\":3,\"priority\":4,\"removeOnComplete\":true}",
                "ic", "1"));
    var id = "repeat:schedule:c/1:" + next;
    assertThat(run.orElseThrow().id()).isEqualTo(id);
    var job = q.queue.job(id).orElseThrow();
    assertThat(job.repeatJobKey()).isEqualTo("schedule:c/1");
    assertThat(job.data()).isEqualTo("{\"a\":1}");
    assertThat(job.priority()).isEqualTo(4);
    assertThat(job.options().jobId()).isEqualTo(id);
    assertThat(job.options().delay()).isEqualTo(job.delay());
    assertThat(job.options().others())
        .containsEntry("prevMillis", Long.toString(next))
        .containsEntry("repeatJobKey", "\"schedule:c/1\"")
        .containsEntry(
            "repeat",
            "{\"pattern\":\"0 0 3 * * *\",\"tz\":\"Europe/Madrid\",\"endDate\":4102444800000,\"count\":1}");
    // The clock may have gone on between the two.
    assertThat(q.redis().zscore(q.key("delayed"), id)).isEqualTo(next * 4096.0);
    assertThat(q.redis().get(q.key("id"))).isEqualTo("1");
    assertThat(q.events())
        .containsExactly(
            "event added jobId " + id + " name nm", "event delayed jobId " + id + " delay " + next);
  }

  @Test
  void anIntervalBeginsAtOnceAndKeepsItsPhase() {
    var options = JobOptions.builder().attempts(2);
    var run =
        schedulers()
            .upsert("e", Repeat.every(MINUTE).withLimit(10), template("{\"x\":1}", options))
            .orElseThrow();

    var next = score("e");
    assertThat(stored("e"))
        .isEqualTo(
            Map.of(
                "name", "nm",
                "limit", "10",
                "every", "60000",
                "offset", Long.toString(next % 60_000),
                "data", "{\"x\":1}",
                "opts", "{\"attempts\":2}",
                "ic", "1"));
    assertThat(run.delay()).isZero();
    assertThat(q.redis().lrange(q.key("wait"), 0, -1)).containsExactly("repeat:e:" + next);
    assertThat(q.redis().zscore(q.key("marker"), "0")).isZero();
    assertThat(q.events())
        .containsExactly(
            "event added jobId repeat:e:" + next + " name nm",
            "event waiting jobId repeat:e:" + next);
  }

  @ParameterizedTest
  @CsvSource({
    ", 10500, 0, , 10500, 500",
    ", 10500, 200, , 11200, 200",
    ", 10100, 200, , 10200, 200",
    ", 10200, 200, , 11200, 200",
    ", 10500, 0, 20000, 20000, 0",
    ", 10500, 0, 5000, 10500, 500",
    "10000, 10500, 0, , 11000, 0",
    "10000, 11000, 0, , 11000, 0",
    "10000, 11001, 0, , 12000, 0",
    "10000, 15300, 0, , 16000, 0",
    "10200, 15300, 200, , 16200, 200",
    "10200, 15100, 200, , 15200, 200",
    "10048, 10900, 0, , 11048, 48",
    "10048, 12345, 0, , 13000, 0",
    "10048, 12345, 48, , 13048, 48"
  })
  void intervalsAreThoseOfAppendixG(
      String prev, long now, long offset, String start, long next, long reported) {
    var call = "return {nextEvery(%s, 1000, %d, %s)}".formatted(prev, offset, start);
    assertThat(LuaPart.call(q, now, call.replace("null", "nil"), "core", "dedup", "runs"))
        .containsExactly(next, reported);
  }

  @Test
  void changingWhatWaitsForItsTimeKeepsTheTime() {
    var start = Instant.now().plusSeconds(30);
    schedulers().upsert("a", Repeat.every(MINUTE).withStart(start));
    var time = score("a");
    assertThat(time).isEqualTo(start.toEpochMilli());

    schedulers().upsert("a", Repeat.every(MINUTE), new NewJob("other", "[1]", JobOptions.NONE));
    assertThat(score("a")).isEqualTo(time);
    assertThat(stored("a"))
        .isEqualTo(
            Map.of(
                "name", "other",
                "every", "60000",
                "offset", Long.toString(time % 60_000),
                "data", "[1]",
                "ic", "1"));
    assertThat(q.queue.job("repeat:a:" + time).orElseThrow().data()).isEqualTo("[1]");
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 0, 1, 0, 0, 0, 0));
    assertThat(q.events()).noneMatch(event -> event.contains("removed"));

    // Another interval begins anew.
    schedulers().upsert("a", Repeat.every(MINUTE.multipliedBy(2)));
    assertThat(score("a")).isLessThan(time);
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(1, 0, 0, 0, 0, 0, 0));
    schedulers().upsert("a", Repeat.cron("0 0 1 1 *"));
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 0, 1, 0, 0, 0, 0));
    assertThat(stored("a")).containsEntry("pattern", "0 0 1 1 *").doesNotContainKey("every");
  }

  @ParameterizedTest
  @EnumSource(Compat.class)
  void changingOnAPausedQueueLeavesOnePendingRun(Compat compat) {
    var queue = new Queue(q.connections, q.name, QueueOptions.DEFAULT.withCompat(compat));
    queue.schedulers().upsert("p", Repeat.every(MINUTE));
    queue.pause();
    queue.schedulers().upsert("p", Repeat.every(MINUTE));
    assertThat(queue.counts()).isEqualTo(new JobCounts(1, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void changingWhileARunIsActiveAddsTheNextOne() {
    schedulers().upsert("e", Repeat.every(MINUTE));
    var first = score("e");
    var taken = q.manualSource(WorkerOptions.DEFAULT).fetch(1);
    assertThat(taken.jobs()).hasSize(1);

    schedulers().upsert("e", Repeat.every(MINUTE));
    assertThat(score("e")).isEqualTo(first + 60_000);
    schedulers().upsert("e", Repeat.every(MINUTE));
    assertThat(score("e")).isEqualTo(first + 60_000);
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(0, 1, 1, 0, 0, 0, 0));
    assertThat(stored("e")).containsEntry("offset", Long.toString(first % 60_000));
  }

  @Test
  void jobsInTheWayAreReported() {
    var next =
        CronParser.parse("0 0 1 1 *").nextAfter(Instant.now(), ZoneNames.of("UTC")).orElseThrow();
    var yearly = Repeat.cron("0 0 1 1 *").withTimeZone("UTC");
    q.redis().hset(q.key("repeat:f:" + next.toEpochMilli()), "name", "in the way");
    assertThatExceptionOfType(JobOperationException.Conflict.class)
        .isThrownBy(() -> schedulers().upsert("f", yearly))
        .withMessage(
            "Cannot create job scheduler iteration - job ID already exists. addJobScheduler")
        .matches(e -> e.code() == -10);
    assertThat(schedulers().get("f")).isEmpty();

    var start = Instant.now().plusSeconds(60);
    for (var i = 0; i <= 32; i++) {
      q.redis().hset(q.key("repeat:g:" + (start.toEpochMilli() + i * 1000L)), "name", "x");
    }
    var everySecond = Repeat.every(Duration.ofSeconds(1)).withStart(start);
    assertThatExceptionOfType(JobOperationException.Conflict.class)
        .isThrownBy(() -> schedulers().upsert("g", everySecond))
        .matches(e -> e.code() == -11);
    q.redis().del(q.key("repeat:g:" + (start.toEpochMilli() + 5000)));
    assertThat(schedulers().upsert("g", everySecond).orElseThrow().id())
        .isEqualTo("repeat:g:" + (start.toEpochMilli() + 5000));
  }

  @Test
  void removingTakesTheRunThatWaitsForItsTime() {
    schedulers().upsert("late", Repeat.every(MINUTE).withStart(Instant.now().plusSeconds(60)));
    schedulers().upsert("ready", Repeat.every(MINUTE));
    var late = "repeat:late:" + score("late");

    assertThat(schedulers().remove("late")).isTrue();
    assertThat(schedulers().remove("late")).isFalse();
    assertThat(schedulers().remove("ready")).isTrue();

    assertThat(q.events()).last().isEqualTo("event removed jobId " + late + " prev delayed");
    assertThat(q.queue.job(late)).isEmpty();
    assertThat(q.queue.counts()).isEqualTo(new JobCounts(1, 0, 0, 0, 0, 0, 0));
    assertThat(q.redis().exists(q.key("repeat"), q.key("repeat:late"), q.key("repeat:ready")))
        .isZero();
  }

  @Test
  void aPendingRunIsNotRemovedByItself() {
    schedulers().upsert("s", Repeat.every(MINUTE));
    assertThatExceptionOfType(JobOperationException.Conflict.class)
        .isThrownBy(() -> q.queue.remove("repeat:s:" + score("s")))
        .matches(e -> e.code() == -8);
  }

  @Test
  void schedulersAreListedInPages() {
    var now = Instant.now();
    for (var i = 1; i <= 5; i++) {
      schedulers()
          .upsert(
              "s" + i,
              Repeat.every(MINUTE).withStart(now.plusSeconds(60L * i)).withOffset(Duration.ZERO),
              template("{\"i\":" + i + "}", JobOptions.builder().attempts(i)));
    }
    assertThat(schedulers().count()).isEqualTo(5);
    assertThat(schedulers().list())
        .extracting(JobScheduler::id)
        .containsExactly("s1", "s2", "s3", "s4", "s5");
    assertThat(schedulers().list(0, 1, false))
        .extracting(JobScheduler::id)
        .containsExactly("s5", "s4");
    assertThat(schedulers().list(1, 2, true))
        .extracting(JobScheduler::id)
        .containsExactly("s2", "s3");
    var one = schedulers().get("s3").orElseThrow();
    assertThat(one.every()).isEqualTo(60_000);
    assertThat(one.iterationCount()).isEqualTo(1);
    assertThat(one.next()).isEqualTo(score("s3")).isEqualTo(one.startDate());
    assertThat(one.data()).isEqualTo("{\"i\":3}");
    assertThat(one.options().attempts()).isEqualTo(3);
    assertThat(one.name()).isEqualTo("nm");
    assertThat(schedulers().get("none")).isEmpty();
  }

  @Test
  void whatHasNoRunIsNotStored() {
    assertThat(schedulers().upsert("s", Repeat.every(MINUTE).withLimit(0))).isEmpty();
    assertThat(schedulers().upsert("s", Repeat.cron("0 0 31 4,6 *"))).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedulers().upsert("s", Repeat.every(MINUTE).withEnd(Instant.EPOCH)))
        .withMessage("End date must be greater than current timestamp");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedulers().upsert("name:id::UTC:* * * * *", Repeat.every(MINUTE)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedulers().upsert("", Repeat.every(MINUTE)));
    var withId = template("{}", JobOptions.builder().jobId("mine"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedulers().upsert("s", Repeat.every(MINUTE), withId))
        .withMessageContaining("ids and delays of its runs");
    assertThat(schedulers().count()).isZero();
    assertThat(q.redis().exists(q.key("id"))).isZero();
  }

  @Test
  void rulesThatContradictThemselvesAreRefusedInNodesWords() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Repeat(1L, "* * * * *", null, null, null, null, null, false))
        .withMessage("Both .pattern and .every options are defined for this repeatable job");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Repeat(null, null, null, null, null, null, null, false))
        .withMessage("Either .pattern or .every options must be defined for this repeatable job");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Repeat.cron("* * * * *").withImmediately().withStart(Instant.now()))
        .withMessage(
            "Both .immediately and .startDate options are defined for this repeatable job");
    assertThatIllegalArgumentException().isThrownBy(() -> Repeat.cron("nope"));
    assertThatIllegalArgumentException().isThrownBy(() -> Repeat.every(Duration.ZERO));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Repeat.cron("* * * * *").withTimeZone("Nope/Zone"));
  }

  @Test
  void aCronExpressionMayBeginAtOnce() {
    var run = schedulers().upsert("i", Repeat.cron("0 0 1 1 *").withImmediately()).orElseThrow();
    assertThat(run.delay()).isZero();
    assertThat(q.queue.state(run.id())).isEqualTo(JobState.WAITING);
    assertThat(run.options().others().get("repeat")).doesNotContain("immediately");
  }
}
