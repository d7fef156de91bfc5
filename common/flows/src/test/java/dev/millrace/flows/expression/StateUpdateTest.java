package dev.millrace.flows.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.model.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class StateUpdateTest {
  private static final String OUTPUT = "{\"n\": 5, \"list\": [1, 2], \"deep\": {\"x\": \"y\"}}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          plain                      | "plain"
          {{ output.n }}             | 5
          {{output.list}}            | [1,2]
          so: {{ output.deep.x }}    | "y"
          {{ output.none }}          | "{{ output.none }}"
          {{ other }}                | "{{ other }}"
          """)
  void resolvesTheOutput(String value, String expected) {
    assertThat(updated(value, OUTPUT)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"{{ output }},\"$&\"", "{{output}},\"$&\"", "a {{ output }} b,\"a $& b\""})
  void insertsTextAsItIs(String value, String expected) {
    assertThat(updated(value, "$&")).isEqualTo(expected);
  }

  @Test
  void theLastValueOfAKeyWinsAndOthersStay() {
    ObjectNode state = (ObjectNode) Json.read("{\"a\":1,\"b\":null}");
    var updates = List.of(row("k", "1"), row("k", "2"), row("", "lost"));
    assertThat(StateUpdate.apply(state, updates, Json.text("")))
        .hasToString("{\"a\":1,\"b\":null,\"k\":\"2\"}");
    assertThat(state).hasToString("{\"a\":1,\"b\":null}");
  }

  private static String updated(String value, String output) {
    return StateUpdate.apply(Json.object(), List.of(row("k", value)), Json.text(output))
        .path("k")
        .toString();
  }

  private static ObjectNode row(String key, String value) {
    return Json.object().put("key", key).put("value", value);
  }
}
