package dev.millrace.pgjobs.cron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class Json5Test {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | {}",
        "{a: 1, $b_2: 2,} | {\"a\":1,\"$b_2\":2}",
        "{'a b': 'it\\'s', \"c\": \"d\"} | {\"a b\":\"it's\",\"c\":\"d\"}",
        "{a: 0xFF, b: -0x10, c: +1, d: .5, e: 5., f: 1e2} |"
            + " {\"a\":255,\"b\":-16,\"c\":1,\"d\":0.5,\"e\":5,\"f\":1E+2}",
        "{a: /* one */ 1, // rest} | ``",
        "{a: /* one */ [true, false, null,]} | {\"a\":[true,false,null]}",
        "{a: '\\x41\\u0042\\n\\q'} | {\"a\":\"AB\\nq\"}",
        "{ünïcode: 12345678901234567890} | {\"ünïcode\":12345678901234567890}",
      })
  void reads(String text, String json) {
    if (json.isEmpty()) {
      assertThatThrownBy(() -> Json5.parse(text)).hasMessageContaining("ends too soon");
    } else {
      assertThat(Json5.parse(text).toString()).isEqualTo(json);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{a}",
        "{a:}",
        "{a:1 b:2}",
        "{1a: 1}",
        "{a: Infinity}",
        "{a: -Infinity}",
        "{a: NaN}",
        "{a: +-1}",
        "{a: 0x}",
        "{a: 1e999999999}",
        "{a: '\n'}",
        "{a: '\\0'}",
        "{a: '\\u00'}",
        "{} {}",
        "{a: undefined}",
        "{a: .}",
        "[,]",
        "{,}",
        "/*"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> Json5.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the JSON5 at character ");
  }

  @ParameterizedTest
  @ValueSource(ints = {101, 100_000})
  void refusesWhatIsTooDeep(int depth) {
    assertThatThrownBy(() -> Json5.parse("[".repeat(depth)))
        .hasMessageContaining("more than 100 levels");
  }

  @Property
  void neverFailsInAnotherWay(@ForAll String text) {
    try {
      var _ = Json5.parse(text);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageStartingWith("the JSON5 at character ");
    }
  }

  @Property
  void everyStringOfJsonIsReadAsItIs(@ForAll String text) {
    var json = JsonMapper.shared().writeValueAsString(text.replace('\0', ' '));
    assertThat(Json5.parse(json).stringValue()).isEqualTo(text.replace('\0', ' '));
  }
}
