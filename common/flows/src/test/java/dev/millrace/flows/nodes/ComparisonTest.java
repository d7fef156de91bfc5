package dev.millrace.flows.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ComparisonTest {
  @ParameterizedTest
  @CsvSource({
    "hello,contains,ell,true",
    "hello,contains,x,false",
    "hello,notContains,x,true",
    "hello,startsWith,he,true",
    "hello,endsWith,lo,true",
    "hello,endsWith,he,false",
    "a,equal,a,true",
    "a,equal,A,false",
    "**a**,equal,a,true",
    "a,notEqual,b,true",
    "**a**,notEqual,a,false",
    "abc123,regex,[0-9]+$,true",
    "abc,regex,^\\d,false",
    "a.b,regex,a\\\\.b,true",
    "x[1],regex,x\\[1\\],false",
    "**a**,regex,[*]a,true",
    "**a**,regex,^a$,true",
    "'',isEmpty,'',true",
    "a,isEmpty,'',false",
    "a,notEmpty,'',true",
    "'',contains,'',true"
  })
  void ofTexts(String left, String operation, String right, boolean holds) {
    assertThat(compare("string", Json.text(left), operation, Json.text(right))).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource({
    "2,smaller,10,true", "2,smallerEqual,2,true", "2,equal,2.0,true", "2,notEqual,3,true",
    "10,larger,9,true", "9,largerEqual,9,true", "12px,equal,12,true", "x,equal,0,true",
    "'',isEmpty,,true", "0,isEmpty,,false", "0,notEmpty,,true", "-1.5e2,equal,-150,true"
  })
  void ofNumbers(String left, String operation, String right, boolean holds) {
    JsonNode other = Json.text(right == null ? "" : right);
    assertThat(compare("number", Json.text(left), operation, other)).isEqualTo(holds);
  }

  @Test
  void ofTruthValuesIsStrict() {
    assertThat(compare("boolean", Json.read("true"), "equal", Json.read("true"))).isTrue();
    assertThat(compare("boolean", Json.text("true"), "equal", Json.read("true"))).isFalse();
    assertThat(compare("boolean", Json.read("false"), "notEqual", Json.read("true"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"string", "number", "boolean"})
  void namesAnUnknownOperation(String type) {
    assertThatThrownBy(() -> compare(type, Json.text("a"), "smells", Json.text("b")))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("smells");
  }

  private static boolean compare(String type, JsonNode left, String operation, JsonNode right) {
    ObjectNode row = Json.object().put("type", type).put("operation", operation);
    row.set("value1", left);
    row.set("value2", right);
    return Comparison.holds(row, (pattern, text) -> Pattern.compile(pattern).matcher(text).find());
  }
}
