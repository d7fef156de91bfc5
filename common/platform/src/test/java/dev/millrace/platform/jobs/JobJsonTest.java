package dev.millrace.platform.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.pgjobs.JobKeyMode;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class JobJsonTest {
  private static ObjectNode json(String text) {
    return (ObjectNode) JsonMapper.shared().readTree(text.replace('\'', '"'));
  }

  @Test
  void readsEveryMember() {
    var job =
        JobJson.toNew(
            json(
                """
                {'task': 't', 'payload': [1, {'a': 2}], 'queueName': 'q', 'maxAttempts': 3,
                 'runAt': '2026-12-24T19:00:00+01:00', 'priority': -5, 'jobKey': 'k',
                 'jobKeyMode': 'preserve_run_at', 'flags': ['f', 'g']}
                """));

    assertThat(job.task()).isEqualTo("t");
    assertThat(job.payload()).isEqualTo("[1,{\"a\":2}]");
    assertThat(job.queueName()).isEqualTo("q");
    assertThat(job.runAt()).isEqualTo(Instant.parse("2026-12-24T18:00:00Z"));
    assertThat(job.maxAttempts()).isEqualTo(3);
    assertThat(job.priority()).isEqualTo(-5);
    assertThat(job.jobKey()).isEqualTo("k");
    assertThat(job.jobKeyMode()).isEqualTo(JobKeyMode.PRESERVE_RUN_AT);
    assertThat(job.flags()).containsExactly("f", "g");
    assertThat(JobJson.toNew(json("{'task': 't'}")).payload()).isEqualTo("{}");
    assertThat(JobJson.toNew(json("{'task': 't', 'payload': null}")).payload()).isEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'payload': 1}|task is missing",
        "{'task': 't', 'prority': 1}|prority is not known",
        "{'task': 't', 'priority': 'high'}|priority has to be a whole number",
        "{'task': 't', 'priority': 99999999999}|priority has to be a whole number",
        "{'task': 't', 'runAt': 'tomorrow'}|runAt has to be a time",
        "{'task': 't', 'queueName': 7}|queueName has to be a text",
        "{'task': 't', 'jobKeyMode': 'keep'}|jobKeyMode has to be",
        "{'task': 't', 'flags': 'f'}|flags has to be a list"
      })
  void namesWhatIsWrong(String body, String message) {
    assertThatThrownBy(() -> JobJson.toNew(json(body)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
