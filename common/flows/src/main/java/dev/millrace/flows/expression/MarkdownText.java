package dev.millrace.flows.expression;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes the marks of Markdown out of a text, so that a condition compares what a reader sees
 * (specification §4.6). The patterns cannot backtrack beyond a line. Thread-safe.
 */
public final class MarkdownText {
  private record Rule(Pattern pattern, String replacement) {
    Rule(String pattern, String replacement) {
      this(Pattern.compile(pattern, Pattern.MULTILINE), replacement);
    }
  }

  private static final Rule[] RULES = {
    // Rules, list bullets, headings underlined or fenced.
    new Rule("^ {0,3}(?:(?:- *){3,}|(?:_ *){3,}|(?:\\* *){3,})$", ""),
    new Rule("^[ \\t]*(?:[*+-]|\\d+\\.)[ \\t]+", ""),
    new Rule("^[=-]{2,}[ \\t]*$", ""),
    new Rule("^(?:`{3,}|~{3,})[^\\n]*$", ""),
    new Rule("<[^>\\n]{0,2000}>", ""),
    // Footnotes, images, links.
    new Rule("\\[\\^[^\\]\\n]{1,500}](?:: [^\\n]*$)?", ""),
    new Rule("!\\[([^\\]\\n]{0,500})][\\[(][^\\])\\n]{0,2000}[\\])]", "$1"),
    new Rule("\\[([^\\]\\n]{0,500})][\\[(][^\\])\\n]{0,2000}[\\])]", "$1"),
    new Rule("^ {0,3}>[ \\t]?", ""),
    new Rule("^[ \\t]{0,3}#{1,6}[ \\t]+(.*?)[ \\t]*#*$", "$1"),
    // Emphasis: strong before weak; underscores only around whole words.
    new Rule("(\\*{1,3})(?=\\S)([^*\\n]{1,2000})(?<=\\S)\\1", "$2"),
    new Rule("(?<!\\w)(_{1,3})(?=\\S)([^_\\n]{1,2000})(?<=\\S)\\1(?!\\w)", "$2"),
    new Rule("~~([^~\\n]{1,2000})~~", "$1"),
    new Rule("(`{1,3})([^`\\n]{1,2000})\\1", "$2"),
  };

  private MarkdownText() {}

  /** Returns the text without marks. */
  public static String plain(String markdown) {
    if (markdown.chars().noneMatch(MarkdownText::marks)) {
      return markdown;
    }
    String text = markdown;
    for (Rule rule : RULES) {
      Matcher matcher = rule.pattern().matcher(text);
      text = matcher.replaceAll(rule.replacement());
    }
    return text.strip();
  }

  private static boolean marks(int c) {
    return "*_#`~[]<>+-=.!".indexOf(c) >= 0;
  }
}
