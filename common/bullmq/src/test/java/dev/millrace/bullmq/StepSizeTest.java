package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long operations give way to others. */
class StepSizeTest {
  @Test
  void longCallsMakeSmallStepsAndShortOnesLargeOnes() {
    var step = new StepSize();
    assertThat(step.size()).isEqualTo(500);
    step.took(Duration.ofMillis(31).toNanos());
    assertThat(step.size()).isEqualTo(250);
    step.took(Duration.ofMillis(20).toNanos());
    assertThat(step.size()).isEqualTo(250);
    for (var i = 0; i < 10; i++) {
      step.took(Duration.ofSeconds(1).toNanos());
    }
    assertThat(step.size()).isEqualTo(200);
    for (var i = 0; i < 10; i++) {
      step.took(Duration.ofMillis(1).toNanos());
    }
    assertThat(step.size()).isEqualTo(500);
    assertThat(step.<Integer>call(size -> size)).isEqualTo(500);
  }
}
