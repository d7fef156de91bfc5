package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys may belong to jobs. */
class OrphanSweepTest {
  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "7:logs, 7",
    "custom-1:dependencies, custom-1",
    "a:b:c, a:b:c",
    "a:b:c:lock, a:b:c",
    "repeat:every:1795399200000, repeat:every:1795399200000",
    "repeat:schedule:x:1795399200000:logs, repeat:schedule:x:1795399200000"
  })
  void jobs(String suffix, String id) {
    assertThat(OrphanSweep.jobId(suffix)).contains(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "wait",
        "meta",
        "events",
        "repeat",
        "repeat:every",
        "repeat:schedule:x",
        "de:id",
        "de:7:logs",
        "dn:id",
        "metrics:completed",
        "metrics:completed:data",
        "metrics:failed",
        "stalled-check",
        ""
      })
  void theQueuesOwn(String suffix) {
    assertThat(OrphanSweep.jobId(suffix)).isEmpty();
  }
}
