package dev.millrace.flows.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlToMarkdownTest {
  static Stream<Arguments> conversions() {
    return Map.ofEntries(
            Map.entry("<p></p>", ""),
            Map.entry("<p>a</p><p>b</p>", "a\n\nb"),
            Map.entry(
                "<p>English:</p><p><span class=\"variable\" data-type=\"mention\""
                    + " data-id=\"question\" data-label=\"question\">{{ question }}</span> </p>"
                    + "<p>Japanese:</p><p></p>",
                "English:\n\n{{ question }}\n\nJapanese:"),
            Map.entry("<p>a<br>b</p>", "a  \nb"),
            Map.entry("<p>a  b\n c</p>", "a b c"),
            Map.entry(
                "<p><strong>x</strong> <em>y</em> <b>z</b><i>w</i></p>", "**x** _y_ **z**_w_"),
            Map.entry("<p>a<strong> b </strong>c</p>", "a **b** c"),
            Map.entry("<p><code>f(`x`)</code></p>", "``f(`x`)``"),
            Map.entry("<p><code>`x`</code></p>", "`` `x` ``"),
            Map.entry("<h1>Title</h1><p>a</p>", "Title\n=====\n\na"),
            Map.entry("<h2>Ab</h2>", "Ab\n--"),
            Map.entry("<h3>c</h3><h6>d</h6>", "### c\n\n###### d"),
            Map.entry("<ul><li>a</li><li>b</li></ul>", "*   a\n*   b"),
            Map.entry("<ol start=\"3\"><li>a</li><li>b</li></ol>", "3.  a\n4.  b"),
            Map.entry(
                "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>", "*   a\n    \n    *   b"),
            Map.entry(
                "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "*   a\n    *   b\n*   c"),
            Map.entry("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n> \n> b"),
            Map.entry("<p>a</p><hr><p>b</p>", "a\n\n* * *\n\nb"),
            Map.entry("<pre><code>x = 1\n  y</code></pre>", "    x = 1\n      y"),
            Map.entry("<p><a href=\"http://h/(a)\">t</a></p>", "[t](http://h/\\(a\\))"),
            Map.entry("<p><img src=\"s.png\" alt=\"A\"></p>", "![A](s.png)"),
            Map.entry("<p>&lt;task&gt; &amp; <custom>in</custom></p>", "<task> & in"),
            Map.entry("<p>*not* _escaped_ #1</p>", "*not* _escaped_ #1"),
            Map.entry("<table><tr><td>a</td><td>b</td></tr></table>", "a\n\nb"),
            Map.entry(
                "<ol><li><p><strong>Keep</strong><br>All.</p></li><li><p>b</p></li></ol>",
                "1.  **Keep**  \n    All.\n    \n2.  b"))
        .entrySet()
        .stream()
        .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @ParameterizedTest
  @MethodSource("conversions")
  void convertsAsTurndownDoes(String html, String markdown) {
    assertThat(HtmlToMarkdown.convert(html)).isEqualTo(markdown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<p>a", " \n<DIV>", "<h3 class=\"x\">", "<ol>", "<table>"})
  void knowsWhatTheEditorWrote(String text) {
    assertThat(HtmlToMarkdown.looksLikeHtml(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a <p>b</p>", "<task>x</task>", "<pa>", "{{ x }}", "<span>a</span>"})
  void leavesOtherTextAlone(String text) {
    assertThat(HtmlToMarkdown.looksLikeHtml(text)).isFalse();
  }

  @Test
  void survivesDeepMarkup() {
    assertThat(HtmlToMarkdown.convert("<div>".repeat(100_000) + "x")).contains("x");
  }

  @Property(tries = 300)
  void keepsThePlainWordsOfAParagraph(@ForAll @StringLength(max = 60) String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\0", "");
    String words = escaped.replaceAll("[ \\t\\r\\n]+", " ").replaceAll("[\\s\\x{FEFF}]", "");
    String converted = HtmlToMarkdown.convert("<p>" + escaped + "</p>");
    assertThat(converted.replaceAll("[\\s\\x{FEFF}]", ""))
        .isEqualTo(words.replace("&lt;", "<").replace("&amp;", "&"));
  }
}
