package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobOptionsTest {
  @Test
  void allOptionsSurviveTheRoundTrip() {
    var options =
        JobOptions.builder()
            .attempts(3)
            .backoff(new Backoff("exponential", 100, 0.5))
            .delay(5L)
            .priority(7)
            .lifo(true)
            .timestamp(1_795_335_283_663L)
            .jobId("x")
            .removeOnComplete(KeepJobs.NONE)
            .removeOnFail(new KeepJobs(5L, 10L, 3L))
            .keepLogs(3)
            .sizeLimit(1000L)
            .stackTraceLimit(2)
            .parent(new ParentRef("p", "bull:q"))
            .deduplication(new Deduplication("d", 50L, true, true, false))
            .failParentOnFailure(true)
            .telemetryMetadata("{\"traceparent\":\"00\"}")
            .omitContext(false)
            .other("repeat", "{\"every\":1000}")
            .build();

    assertThat(JobOptionsJson.read(JobOptionsJson.write(options))).isEqualTo(options);
  }

  @Test
  void numbersThatOthersMeanAsForEverAreTheLargestOnes() {
    var read =
        JobOptionsJson.read(
            """
            {"attempts": 9.007199254741e15, "removeOnComplete": 1e300,
              "removeOnFail": {"count": -5, "age": 9007199254740993, "limit": -1}}
            """);

    assertThat(read.attempts()).isEqualTo(Integer.MAX_VALUE);
    assertThat(read.removeOnComplete()).isEqualTo(KeepJobs.newest(KeepJobs.MOST));
    assertThat(read.removeOnFail()).isEqualTo(new KeepJobs(-1L, KeepJobs.MOST, 0L));
    assertThatThrownBy(() -> KeepJobs.newest(Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("count must be from -1 to 9007199254740991 but is");
  }

  @ParameterizedTest
  @ValueSource(strings = {"wait", "events", "id", "stalled-check", "metrics:completed:data"})
  void anIdMustNotBeAKeyOfTheQueue(String id) {
    var job = new NewJob("n", "{}", JobOptions.builder().jobId(id).build());

    assertThatThrownBy(job::validate)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Custom Id cannot be " + id + ", which is a key of the queue itself");
  }

  @Test
  void whatIsNotSetIsNotStored() {
    assertThat(JobOptionsJson.write(JobOptions.NONE)).isEqualTo("{\"attempts\":0}");
    var flowise = JobOptions.builder().removeOnFail(KeepJobs.NONE).build();
    assertThat(JobOptionsJson.write(flowise)).isEqualTo("{\"attempts\":0,\"removeOnFail\":true}");
  }

  @Test
  void whatRedisMadeOfNodesOptionsIsUnderstood() {
    var options =
        JobOptionsJson.read(
            "{\"kl\":3,\"backoff\":500,\"removeOnComplete\":100,\"removeOnFail\":false,"
                + "\"timestamp\":1.795335283663e12,\"attempts\":2.0,\"unknown\":{},\"delay\":null}");

    assertThat(options.keepLogs()).isEqualTo(3);
    assertThat(options.backoff()).isEqualTo(Backoff.fixed(500));
    assertThat(options.removeOnComplete()).isEqualTo(KeepJobs.newest(100));
    assertThat(options.removeOnFail()).isEqualTo(KeepJobs.ALL);
    assertThat(options.timestamp()).isEqualTo(1_795_335_283_663L);
    assertThat(options.attempts()).isEqualTo(2);
    assertThat(options.delay()).isNull();
    assertThat(options.others()).containsEntry("unknown", "{}");
  }

  @Test
  void defaultsFillWhatIsNotSetButNeverAnId() {
    var defaults = JobOptions.builder().attempts(5).jobId("no").priority(1).build();
    var merged = JobOptions.builder().priority(2).build().orElse(defaults);

    assertThat(merged.attempts()).isEqualTo(5);
    assertThat(merged.priority()).isEqualTo(2);
    assertThat(merged.jobId()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "a:b:c:d", "12", "-7", "0", "0:1:2"})
  void badIdsAreRefused(String id) {
    var job = new NewJob("n", "{}", JobOptions.builder().jobId(id).build());
    assertThatIllegalArgumentException().isThrownBy(job::validate);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "repeat:x:1", "", "01", "1a"})
  void goodIdsAreNot(String id) {
    new NewJob("n", "{}", JobOptions.builder().jobId(id).build()).validate();
  }

  @Test
  void contradictionsAreRefused() {
    refused(JobOptions.builder().priority(2_097_152), "Priority should be between 0 and 2097151");
    refused(
        JobOptions.builder().failParentOnFailure(true).removeDependencyOnFailure(true),
        "The following options cannot be used together:"
            + " removeDependencyOnFailure, failParentOnFailure");
    refused(JobOptions.builder().sizeLimit(3L), "The size of job n exceeds the limit 3 bytes");
    refused(
        JobOptions.builder()
            .parent(new ParentRef("p", "bull:q"))
            .deduplication(Deduplication.untilFinished("d")),
        "Deduplication and parent options cannot be used together");
  }

  private static void refused(JobOptions.Builder options, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NewJob("n", "\"€\"", options.build()).validate())
        .withMessage(message);
  }
}
