package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every event of the catalogue has its record. */
class TypedQueueEventTest {
  private static TypedQueueEvent of(String name, Map<String, String> fields) {
    return TypedQueueEvent.of(new QueueEvent("1-0", name, fields));
  }

  @Test
  void theCatalogueIsComplete() {
    assertThat(of("delayed", Map.of("jobId", "1", "delay", "1795335343663")))
        .isEqualTo(new TypedQueueEvent.Delayed("1", 1_795_335_343_663L));
    assertThat(of("waiting", Map.of("jobId", "1", "prev", "active")))
        .isEqualTo(new TypedQueueEvent.Waiting("1", Optional.of("active")));
    assertThat(of("waiting-children", Map.of("jobId", "1")))
        .isEqualTo(new TypedQueueEvent.WaitingChildren("1", Optional.empty()));
    assertThat(of("failed", Map.of("jobId", "1", "failedReason", "boom", "prev", "active")))
        .isEqualTo(new TypedQueueEvent.Failed("1", "boom", Optional.of("active")));
    assertThat(of("retries-exhausted", Map.of("jobId", "1", "attemptsMade", "2")))
        .isEqualTo(new TypedQueueEvent.RetriesExhausted("1", 2));
    assertThat(of("stalled", Map.of("jobId", "1"))).isEqualTo(new TypedQueueEvent.Stalled("1"));
    assertThat(of("duplicated", Map.of("jobId", "1")))
        .isEqualTo(new TypedQueueEvent.Duplicated("1"));
    assertThat(
            of(
                "deduplicated",
                Map.of("jobId", "1", "deduplicationId", "d", "deduplicatedJobId", "2")))
        .isEqualTo(new TypedQueueEvent.Deduplicated("1", "d", "2"));
    assertThat(of("debounced", Map.of("jobId", "1", "debounceId", "d")))
        .isEqualTo(new TypedQueueEvent.Debounced("1", "d"));
    assertThat(of("removed", Map.of("jobId", "1", "prev", "delayed")))
        .isEqualTo(new TypedQueueEvent.Removed("1", Optional.of("delayed")));
    assertThat(of("cleaned", Map.of("count", "3"))).isEqualTo(new TypedQueueEvent.Cleaned(3));
    assertThat(of("cleaned", Map.of("count", "?"))).isEqualTo(new TypedQueueEvent.Cleaned(0));
    assertThat(of("paused", Map.of())).isEqualTo(new TypedQueueEvent.Paused());
    assertThat(of("resumed", Map.of())).isEqualTo(new TypedQueueEvent.Resumed());
    assertThat(of("abort", Map.of("id", "x"))).isInstanceOf(TypedQueueEvent.Other.class);
  }
}
