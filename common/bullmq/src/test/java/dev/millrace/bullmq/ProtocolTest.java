package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Names, texts and small formats of the wire. */
class ProtocolTest {
  @Test
  void keysAndConnectionNamesAreNodes() {
    var keys = new Keys("bull", "flowise-queue-prediction");
    assertThat(keys.job("7")).isEqualTo("bull:flowise-queue-prediction:7");
    assertThat(new Keys("bull", "q").workerClientName("")).isEqualTo("bull:cQ==");
    assertThat(new Keys("bull", "q").workerClientName("w1")).isEqualTo("bull:cQ==:w:w1");
    assertThat(new Keys("bull", "q").eventsClientName()).isEqualTo("bull:cQ==:qe");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Keys("bull", "a:b"))
        .withMessage("Queue name cannot contain :");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Keys("bull", ""))
        .withMessage("Queue name must be provided");
  }

  @Test
  void refusalsReadAsInNode() {
    assertThat(JobOperationException.of(-1, "3", "updateProgress", null))
        .isInstanceOf(JobOperationException.Missing.class)
        .hasMessage("Missing key for job 3. updateProgress");
    assertThat(JobOperationException.of(-3, "3", "moveToFinished", JobState.ACTIVE))
        .isInstanceOf(JobOperationException.WrongState.class)
        .hasMessage("Job 3 is not in the active state. moveToFinished");
    assertThat(JobOperationException.of(-9, "3", "moveToFinished", null))
        .hasMessage(
            "Cannot complete job 3 because it has at least one failed child. moveToFinished");
    assertThat(JobOperationException.of(-99, "3", "x", null))
        .hasMessage("Unknown code -99 error for 3. x");
  }

  @Test
  void hashesOfOldAndBrokenClientsAreRead() {
    var job =
        JobHash.read(
            "q", "1", List.of("name", "n", "attemptsMade", "2", "atm", "1", "stalledCounter", "3"));
    assertThat(job.attemptsMade()).isEqualTo(2);
    assertThat(job.stalledCount()).isEqualTo(3);
    assertThat(job.data()).isEqualTo("{}");
    assertThat(job.progress()).isEqualTo("0");

    var broken = JobHash.read("q", "1", List.of("opts", "{", "stacktrace", "no json"));
    assertThat(broken.deferredFailure()).startsWith("job options cannot be read");
    assertThat(broken.stacktrace()).isEmpty();
  }

  @Test
  void streamIdsAreOrderedAsNumbers() {
    assertThat(StreamId.of("9-10")).isGreaterThan(StreamId.of("9-9"));
    assertThat(StreamId.of("10-0")).isGreaterThan(StreamId.of("9-99"));
    assertThat(StreamId.of("0-0")).isLessThan(StreamId.of("1"));
  }

  @Test
  void theRingForgetsTheOldest() {
    var ring = new FinishedRing();
    for (var i = 0; i < 10_000; i++) {
      ring.add(Integer.toString(i), new JobOutcome.Completed("null"));
    }
    assertThat(ring.get("0")).isEmpty();
    assertThat(ring.get("9999")).contains(new JobOutcome.Completed("null"));
    ring.add("9999", new JobOutcome.Completed("x".repeat(100_000)));
    assertThat(ring.get("9999")).isEmpty();
  }
}
