package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The vectors of BullMQ's own formulas. */
class BackoffTest {
  @Test
  void exponentialDoublesAndFixedDoesNot() {
    var exponential = Backoff.exponential(100);
    assertThat(exponential.delayAfter(1, () -> 0)).isEqualTo(100);
    assertThat(exponential.delayAfter(2, () -> 0)).isEqualTo(200);
    assertThat(exponential.delayAfter(3, () -> 0)).isEqualTo(400);
    assertThat(exponential.delayAfter(4, () -> 0)).isEqualTo(800);
    assertThat(Backoff.fixed(1000).delayAfter(7, () -> 0)).isEqualTo(1000);
  }

  @Test
  void jitterStaysInItsPart() {
    var random = new Random(20261122);
    var half = new Backoff(Backoff.EXPONENTIAL, 100, 0.5);
    var all = new Backoff(Backoff.FIXED, 100, 1);
    for (var i = 0; i < 10_000; i++) {
      var attempt = random.nextInt(1, 21);
      var full = 100L << (attempt - 1);
      assertThat(half.delayAfter(attempt, random::nextDouble)).isBetween(full / 2, full - 1);
      assertThat(all.delayAfter(attempt, random::nextDouble)).isBetween(0L, 99L);
    }
    assertThat(half.delayAfter(1, () -> 0)).isEqualTo(50);
    assertThat(half.delayAfter(1, () -> 0.999)).isEqualTo(99);
  }

  @Test
  void jitterOutsideItsRangeIsRefused() {
    assertThatThrownBy(() -> new Backoff(Backoff.FIXED, 1, 1.5))
        .hasMessage("Jitter should be between 0 and 1");
  }
}
