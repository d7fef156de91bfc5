package dev.millrace.flows.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class ToolArgumentsTest {
  private static final ObjectNode SCHEMA =
      (ObjectNode)
          Json.read(
              "{\"type\":\"object\",\"properties\":{\"t\":{\"type\":\"string\"},\"n\":{\"type\":"
                  + "\"number\"},\"i\":{\"type\":\"integer\"},\"b\":{\"type\":\"boolean\"},\"o\":"
                  + "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"number\"}}},\"a\":"
                  + "{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}},\"required\":[\"t\"]}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"t\":\"x\"}|{\"t\":\"x\"}",
        "{\"t\":5}|{\"t\":\"5\"}",
        "{\"t\":{\"k\":1}}|{\"t\":\"{\\\"k\\\":1}\"}",
        "{\"t\":\"x\",\"n\":\"1.5\",\"i\":\"3\",\"b\":\"true\"}"
            + "|{\"t\":\"x\",\"n\":1.5,\"i\":3,\"b\":true}",
        "{\"t\":\"x\",\"o\":\"{\\\"x\\\":\\\"2\\\"}\"}|{\"t\":\"x\",\"o\":{\"x\":2}}",
        "{\"t\":\"x\",\"a\":[\"1\",2]}|{\"t\":\"x\",\"a\":[1,2]}",
        "{\"t\":\"x\",\"n\":null}|{\"t\":\"x\"}",
        "{'t':'x',}|{\"t\":\"x\"}",
        "\"{\\\"t\\\":\\\"x\\\"}\"|{\"t\":\"x\"}",
      })
  void makesThemFit(String written, String fitted) {
    assertThat(ToolArguments.read(written, SCHEMA)).hasToString(fitted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{}|\"t\" is missing",
        "~~|\"t\" is missing",
        "[1]|not a JSON object",
        "{\"t\":|not a JSON object",
        "{\"t\":\"x\",\"n\":\"many\"}|\"n\" has to be of type number",
        "{\"t\":\"x\",\"o\":{\"x\":\"no\"}}|\"o.x\" has to be of type number",
        "{\"t\":\"x\",\"a\":[1,\"b\"]}|\"a[1]\" has to be of type integer",
      })
  void saysWhatDoesNotFit(String written, String message) {
    assertThatThrownBy(() -> ToolArguments.read(written, SCHEMA))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining(message);
  }
}
