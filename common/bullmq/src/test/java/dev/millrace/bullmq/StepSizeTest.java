package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long operations give way to others. */
class StepSizeTest {
  @Test
  void longCallsMakeSmallStepsAndShortOnesLargeOnes() {
    var step = new StepSize();
    assertThat(step.size()).isEqualTo(250);
    step.took(Duration.ofMillis(13).toNanos());
    assertThat(step.size()).isEqualTo(125);
    step.took(Duration.ofMillis(10).toNanos());
    assertThat(step.size()).isEqualTo(125);
    for (var i = 0; i < 10; i++) {
      step.took(Duration.ofSeconds(1).toNanos());
    }
    assertThat(step.size()).isEqualTo(100);
    for (var i = 0; i < 10; i++) {
      step.took(Duration.ofMillis(1).toNanos());
    }
    assertThat(step.size()).isEqualTo(250);
    assertThat(step.<Integer>call(size -> size)).isEqualTo(250);
  }
}
