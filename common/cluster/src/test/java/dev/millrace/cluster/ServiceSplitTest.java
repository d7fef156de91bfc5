package dev.millrace.cluster;

import static dev.millrace.cluster.ServiceSplit.ASYNC_TASK;
import static dev.millrace.cluster.ServiceSplit.WORKFLOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceSplitTest {
  private static final Set<String> KNOWN = Set.of(WORKFLOW, ASYNC_TASK);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "\"\"                                      | true  | true  | true",
        "\"  \"                                    | true  | true  | true",
        "!                                         | true  | false | false",
        "*                                         | false | true  | true",
        "\" * \"                                   | false | true  | true",
        "-                                         | false | false | false",
        "workflow:process                          | false | true  | false",
        "workflow:process, async-task:process      | false | true  | true",
        "!,workflow:process                        | true  | true  | false",
        "\"workflow:process , !\"                  | true  | true  | false",
        "!,*                                       | true  | true  | true",
        "workflow:process,                         | false | true  | false",
      })
  void servesWhatTheValueSays(String value, boolean requests, boolean flows, boolean tasks) {
    var split = ServiceSplit.parse(value, KNOWN);

    assertThat(split.serving()).isEqualTo(requests);
    assertThat(split.serving(WORKFLOW)).isEqualTo(flows);
    assertThat(split.serving(ASYNC_TASK)).isEqualTo(tasks);
  }

  @Test
  void servesEverythingWhenUnset() {
    var split = ServiceSplit.parse(null, KNOWN);

    assertThat(split.serving()).isTrue();
    assertThat(split.serving(WORKFLOW)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-,!", "*,workflow:process", "WORKFLOW:PROCESS", "!!", "workflow:*"})
  void refusesContradictionsAndUnknownKeys(String value) {
    assertThatThrownBy(() -> ServiceSplit.parse(value, KNOWN))
        .hasMessageContaining("WORKER_MODE=" + value)
        .hasMessageContaining(WORKFLOW);
  }
}
