package dev.millrace.flows.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ScriptLimits;
import dev.millrace.flows.script.ScriptSandbox;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Patterns mean what they mean in JavaScript, and end. */
class RegexTest {
  private static final ScriptSandbox SCRIPTS = new GraalSandbox(limits(Duration.ofSeconds(1)));

  private final Regex regex = new Regex(SCRIPTS);

  private static ScriptLimits limits(Duration computing) {
    ScriptLimits usual = ScriptLimits.DEFAULT;
    return new ScriptLimits(
        Duration.ofMinutes(1),
        computing,
        0,
        usual.stackFrames(),
        usual.outputBytes(),
        usual.resultChars(),
        2);
  }

  @AfterAll
  static void close() {
    SCRIPTS.close();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "[0-9]+$,abc123,true",
        "a$,~a\n~,false",
        "(?<year>\\d{4}),in 2026,true",
        "^.$,\uD83D\uDE00,false",
        "\\s,\u00a0,true",
        "[],a,false",
        "[^],a,true",
        "a{,a{,true",
        "\\u{61},a,false",
        "(?<=a)b,ab,true",
        "(a)\\1,aa,true",
        "a.b,a\u0085b,true",
        "(,abc,false",
        "a++,aa,false",
        "\\cJ,x,false",
        "x[1],x[1],false",
      })
  void patternsAreThoseOfJavaScript(String pattern, String text, boolean found) {
    assertThat(regex.finds(pattern, text, Cancellation.none())).isEqualTo(found);
  }

  /** What is translated finds what the engine finds. */
  @Test
  void translationsAreExact() {
    String[] parts = {
      "a", "b", "A", "-", " ", ".", "^", "$", "|", "(", ")", "(?:", "[a-c]", "[^b]", "[\\w-]",
          "[\\d.]",
      "*", "+", "?", "{2}", "{1,}", "{0,2}", "\\d", "\\W", "\\b", "\\B", "\\.", "\\n", "]", "}",
          "{", "\\s"
    };
    String[] letters = {
      "a", "b", "A", "c", "1", "-", ".", " ", "\n", "\r", "\u2028", "\u0085", "é"
    };
    var random = new Random(7);
    var pairs = Json.array();
    for (int i = 0; i < 3_000; i++) {
      pairs.add(Json.array().add(some(parts, random, 7)).add(some(letters, random, 6)));
    }
    String code =
        "return $pairs.map(([p, t]) => { try { return new RegExp(p).test(t) } catch { return false } })";
    JsonNode expected;
    try (var patient = new GraalSandbox(limits(Duration.ofMinutes(1)))) {
      expected =
          patient.run(new ScriptSandbox.Script(code, Map.of("$pairs", pairs)), Cancellation.none());
    }
    int translated = 0;
    for (int i = 0; i < pairs.size(); i++) {
      String pattern = pairs.get(i).get(0).stringValue();
      String text = pairs.get(i).get(1).stringValue();
      var plain = PlainPattern.of(pattern);
      if (plain.isPresent()) {
        translated++;
        assertThat(plain.get().matcher(text).find())
            .as("/%s/ in %s", pattern, Json.text(text))
            .isEqualTo(expected.get(i).booleanValue());
      }
    }
    assertThat(translated).isGreaterThan(300);
  }

  private static String some(String[] parts, Random random, int most) {
    var text = new StringBuilder();
    for (int i = random.nextInt(most); i >= 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"(a+)+$", "(a|aa)+$", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$"})
  void repetitionsInsideRepetitionsEnd(String pattern) {
    String text = "a".repeat(5_000) + "!";
    assertThat(regex.finds(pattern, text, Cancellation.none())).isFalse();
  }

  @Test
  void givesUpOnWhatSearchesForEver() {
    String text = "a".repeat(5_000) + "!";
    assertThatThrownBy(() -> regex.finds("(a*)*\\1b", text, Cancellation.none()))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("(a*)*\\1b\" takes too long on this text");
    assertThatThrownBy(() -> regex.finds("a".repeat(2_001), text, Cancellation.none()))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("takes too long");
  }
}
