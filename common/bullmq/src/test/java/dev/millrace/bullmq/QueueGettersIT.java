package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is read of a queue, and the settings that all workers obey. */
class QueueGettersIT {
  private final TestQueue q = new TestQueue(TestRedis.url());
  private final QueueGetters getters = q.queue.getters();
  private final QueueSettings settings = q.queue.settings();

  @AfterEach
  void close() {
    q.close();
  }

  private static List<String> ids(List<Job> jobs) {
    return jobs.stream().map(Job::id).toList();
  }

  @Test
  void rangesCountFromTheOldestOrTheNewest() throws InterruptedException {
    for (var i = 0; i < 6; i++) {
      q.add("j");
    }
    q.manual().complete(q.take(), "1", false);
    q.manual().complete(q.take(), "1", false);

    assertThat(ids(getters.jobs(JobState.WAITING, 0, -1, true)))
        .containsExactly("3", "4", "5", "6");
    assertThat(ids(getters.jobs(JobState.WAITING, 1, 2, true))).containsExactly("4", "5");
    assertThat(ids(getters.jobs(JobState.WAITING, 0, 1, false))).containsExactly("6", "5");
    assertThat(ids(getters.jobs(JobState.COMPLETED, 0, -1, false))).containsExactly("2", "1");
    assertThat(ids(getters.jobs(List.of(JobState.COMPLETED, JobState.WAITING), 0, 0, true)))
        .containsExactly("1", "3");
    assertThat(getters.jobs(JobState.WAITING, 3, 2, true)).isEmpty();
    assertThat(getters.jobs(JobState.WAITING, 90, -1, true)).isEmpty();
    assertThatThrownBy(() -> getters.jobs(JobState.UNKNOWN, 0, -1, true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> getters.jobs(JobState.WAITING, -1, 2, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void idsWhoseJobIsGoneAreMadeUpFor() {
    for (var i = 0; i < 6; i++) {
      q.add("j");
    }
    q.redis().del(q.key("1"), q.key("3"));

    assertThat(ids(getters.jobs(JobState.WAITING, 0, 2, true))).containsExactly("2", "4", "5");
    assertThat(ids(getters.jobs(JobState.WAITING, 0, -1, true)))
        .containsExactly("2", "4", "5", "6");
  }

  @Test
  void countsAndStates() throws InterruptedException {
    q.add("a");
    q.add("b", JobOptions.builder().priority(1));
    q.add("c", JobOptions.builder().priority(1));
    q.add("d", JobOptions.builder().priority(2_097_151));
    q.add("e", JobOptions.builder().delay(60_000L));

    assertThat(getters.countsPerPriority(List.of(0, 1, 2, 2_097_151, 1)))
        .isEqualTo(Map.of(0, 1L, 1, 2L, 2, 0L, 2_097_151, 1L));
    assertThat(getters.pendingCount()).isEqualTo(5);
    assertThat(getters.count(Set.of(JobState.PRIORITIZED, JobState.UNKNOWN))).isEqualTo(3);
    assertThat(getters.outcome("1")).isEmpty();
    q.manual().complete(q.take(), "{\"x\":1}", false);
    q.manual().fail(q.take(), new IllegalStateException("boom"), false);
    assertThat(getters.outcome("1")).contains(new JobOutcome.Completed("{\"x\":1}"));
    assertThat(getters.outcome("2")).contains(new JobOutcome.Failed("boom"));
    assertThatThrownBy(() -> getters.outcome("x"))
        .hasMessage("Missing key for job " + q.key("x") + ". isFinished");
    assertThat(getters.state("x")).isEqualTo(JobState.UNKNOWN);
    assertThat(getters.jobs(List.of("1", "x", "3"))).hasSize(2);
  }

  @Test
  void globalConcurrencyHoldsAndIsLifted() throws InterruptedException {
    settings.globalConcurrency(1);
    q.add("a");
    q.add("b");
    var first = q.take();
    assertThat(getters.isMaxed()).isTrue();
    assertThat(q.manual().next(Duration.ZERO)).isEmpty();
    q.redis().del(q.key("marker"));

    settings.globalConcurrency(2);

    assertThat(settings.globalConcurrency()).hasValue(2);
    assertThat(q.redis().zscore(q.key("marker"), "0")).isZero();
    q.take();
    assertThat(first.extendLock(Duration.ofSeconds(1))).isTrue();
    settings.removeGlobalConcurrency();
    assertThat(settings.globalConcurrency()).isEmpty();
    assertThat(getters.isMaxed()).isFalse();
    assertThatThrownBy(() -> settings.globalConcurrency(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void globalRateLimitHoldsAndIsLifted() throws InterruptedException {
    settings.globalRateLimit(new WorkerOptions.RateLimit(1, Duration.ofMinutes(1)));
    assertThat(settings.globalRateLimit())
        .contains(new WorkerOptions.RateLimit(1, Duration.ofMinutes(1)));
    q.add("a");
    q.add("b");
    q.take();
    assertThat(q.manual().next(Duration.ZERO)).isEmpty();
    assertThat(settings.rateLimitTtl()).isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1));
    assertThat(settings.rateLimitTtl(2)).isZero();

    settings.removeRateLimit();
    assertThat(settings.rateLimitTtl()).isZero();
    q.take();
    settings.removeGlobalRateLimit();
    assertThat(settings.globalRateLimit()).isEmpty();
    settings.rateLimit(Duration.ofSeconds(9));
    assertThat(settings.rateLimitTtl()).isBetween(Duration.ofSeconds(7), Duration.ofSeconds(9));
    assertThatThrownBy(() -> settings.rateLimit(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> settings.globalRateLimit(new WorkerOptions.RateLimit(0, Duration.ofSeconds(1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void metaIsReadAndWritten() {
    q.add("a");
    settings.set("owner", "team a");
    q.redis().hset(q.key("meta"), "max", "many");
    q.queue.pause();

    var meta = settings.meta();
    assertThat(meta.paused()).isTrue();
    assertThat(meta.maxLenEvents()).isEqualTo(10_000);
    assertThat(meta.version()).isEqualTo("bullmq:6.2.0");
    assertThat(meta.max()).isNull();
    assertThat(meta.others()).isEqualTo(Map.of("owner", "team a"));
    settings.remove("owner");
    assertThat(settings.meta().others()).isEmpty();
    assertThatThrownBy(() -> settings.set("paused", "1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> settings.set("x", "")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aProducerOfEventsWritesItsOwn() {
    var producer = new QueueEventsProducer(q.connections, q.name, QueueOptions.DEFAULT);
    producer.publish("abort", Map.of("id", "x"));
    assertThat(q.events()).containsExactly("event abort id x");
    assertThatThrownBy(() -> producer.publish("", Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> producer.publish("a", Map.of(), -1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
