package dev.millrace.flows.expression;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MarkdownTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          **bold** and _em_         | bold and em
          # Title #                 | Title
          - 1                       | 1
          2. two                    | two
          > said                    | said
          `code`                    | code
          [t](http://h)             | t
          ![alt](s.png)             | alt
          ~~gone~~                  | gone
          <b>x</b>                  | x
          snake_case_name           | snake_case_name
          a * b * c                 | a * b * c
          3 < 4                     | 3 < 4
          """)
  void takesMarksOut(String markdown, String plain) {
    assertThat(MarkdownText.plain(markdown)).isEqualTo(plain);
  }

  @Test
  void isQuickWithHostileText() {
    String hostile = "*_`[!<#>".repeat(20_000);
    assertThat(MarkdownText.plain(hostile)).isNotNull();
  }

  @Property
  void leavesPlainTextAlone(@ForAll @AlphaChars String text) {
    assertThat(MarkdownText.plain(text)).isEqualTo(text);
  }
}
