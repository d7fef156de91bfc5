package dev.millrace.worker.utils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.pgjobs.PermanentFailureException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TemplatesTest {
  @TempDir private Path folder;

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  @Test
  void dataIsEscapedInHtmlAndNotInText() throws Exception {
    Files.writeString(folder.resolve("t.html"), "<p title=\"{{x}}\">{{x}}</p>");
    Files.writeString(folder.resolve("t.txt"), "{{x}}");
    var data = json("{\"x\": \"<img src=x onerror='a' \\\"b\\\"> & c\"}");
    var templates = new Templates(folder);

    var html = templates.html("t", data);

    assertThat(html).doesNotContain("<img").doesNotContain("onerror='").doesNotContain("\"b\"");
    assertThat(html).contains("&lt;img src", "&amp; c");
    assertThat(templates.text("t", data)).hasValue("<img src=x onerror='a' \"b\"> & c");
    assertThat(templates.text("other", data)).isEmpty();
  }

  @Test
  void theOperatorsTemplatesWinOverOurs() throws Exception {
    var templates = new Templates(folder);
    assertThat(templates.html("invoice", json("{}"))).contains("Invoice");

    Files.writeString(
        folder.resolve("invoice.html"), "Rechnung {{#lines}}[{{d}}]{{/lines}}{{none}}");

    assertThat(templates.html("invoice", json("{\"lines\": [{\"d\": 1}, {\"d\": 2.50}]}")))
        .isEqualTo("Rechnung [1][2.5]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "/etc/passwd", "a/b", "", "a.b", "..", "a\u0000"})
  void namesAreNeverPaths(String name) {
    assertThatThrownBy(() -> new Templates(folder).html(name, json("{}")))
        .isInstanceOf(PermanentFailureException.class)
        .hasMessageContaining("template's name");
  }

  @Test
  void whatCannotBeFilledIsForGood() throws Exception {
    Files.writeString(folder.resolve("broken.html"), "{{#open}} never closed");
    Files.writeString(folder.resolve("self.html"), "x{{>self}}");
    Files.writeString(
        folder.resolve("bomb.html"),
        "{{#a}}{{#a}}{{#a}}{{#a}}" + "x".repeat(100) + "{{/a}}{{/a}}{{/a}}{{/a}}");
    var many = json("{\"a\": [" + "1,".repeat(99) + "1]}");
    var templates = new Templates(folder);

    for (var name : new String[] {"broken", "self", "bomb", "not-there"}) {
      assertThatThrownBy(() -> templates.html(name, many))
          .as(name)
          .isInstanceOf(PermanentFailureException.class);
    }
  }
}
