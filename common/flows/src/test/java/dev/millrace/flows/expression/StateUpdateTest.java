package dev.millrace.flows.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
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
  void whatAUserTypedIsNoReferenceToTheOutput() {
    var scope = new FakeScope();
    scope.question = "{{ output }} {{ output.n }}";
    assertThat(updated("{{ question }}", OUTPUT, scope))
        .isEqualTo("\"{{ output }} {{ output.n }}\"");
  }

  @Test
  void theLastValueOfAKeyWinsAndOthersStay() {
    ObjectNode state = (ObjectNode) Json.read("{\"a\":1,\"b\":null}");
    String rows =
        "[{\"key\":\"k\",\"value\":\"1\"},{\"key\":\"k\",\"value\":\"2\"},"
            + "{\"key\":\"\",\"value\":\"lost\"},{\"key\":\"n\",\"value\":null}]";
    assertThat(apply(state, Json.read(rows), new FakeScope(), Json.text("")))
        .hasToString("{\"a\":1,\"b\":null,\"k\":\"2\",\"n\":\"\"}");
    assertThat(state).hasToString("{\"a\":1,\"b\":null}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "[{'key' no"          | llmUpdateState is not a list
          "{{ question }}"      | llmUpdateState is not a list
          "{}"                  | it is object
          7                     | it is number
          {"key":"k"}           | it is object
          """)
  void whatIsNoListIsAnError(String input, String expected) {
    var scope = new FakeScope();
    scope.question = "q";
    assertThatThrownBy(() -> apply(Json.object(), Json.read(input), scope, Json.text("")))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void nothingIsNoUpdate() {
    for (String input : new String[] {"\"\"", "\" \"", "null", "[]"}) {
      assertThat(apply(Json.object(), Json.read(input), new FakeScope(), Json.text(""))).isEmpty();
    }
  }

  private static String updated(String value, String output) {
    return updated(value, output, new FakeScope());
  }

  private static String updated(String value, String output, Scope scope) {
    var rows = Json.array().add(Json.object().put("key", "k").put("value", value));
    return apply(Json.object(), rows, scope, Json.text(output)).path("k").toString();
  }

  private static ObjectNode apply(ObjectNode state, JsonNode rows, Scope scope, JsonNode output) {
    ObjectNode inputs = Json.object();
    inputs.set("llmUpdateState", rows);
    ObjectNode data = Json.object();
    data.set("inputs", inputs);
    var node = new FlowNode("llmAgentflow_0", "llmAgentflow", "L", data);
    return StateUpdate.apply(state, InputTemplates.of(node), "llmUpdateState", scope, output);
  }
}
