package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
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

  @Property
  void jitterStaysInItsPart(
      @ForAll @IntRange(min = 1, max = 20) int attempt,
      @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double random) {
    var half = new Backoff(Backoff.EXPONENTIAL, 100, 0.5);
    var full = 100L << (attempt - 1);
    assertThat(half.delayAfter(attempt, () -> random)).isBetween(full / 2, full - 1);
    var all = new Backoff(Backoff.FIXED, 100, 1);
    assertThat(all.delayAfter(attempt, () -> random)).isBetween(0L, 99L);
  }

  @Test
  void jitterOutsideItsRangeIsRefused() {
    assertThatThrownBy(() -> new Backoff(Backoff.FIXED, 1, 1.5))
        .hasMessage("Jitter should be between 0 and 1");
  }
}
