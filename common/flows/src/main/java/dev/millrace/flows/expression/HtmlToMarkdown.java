package dev.millrace.flows.expression;

import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;

/**
 * Turns the HTML that Flowise's editor stores into Markdown, with the output that Turndown gives by
 * default and without escaping (specification §2.4). Thread-safe.
 */
public final class HtmlToMarkdown {
  private static final Pattern BLOCK_START =
      Pattern.compile(
          "^\\s*<(?:p|div|h[1-6]|ul|ol|blockquote|pre|table)\\b", Pattern.CASE_INSENSITIVE);
  private static final Pattern OUTER_BREAKS = Pattern.compile("^[\\t\\r\\n]+|[\\s\\x{FEFF}]+$");
  private static final Pattern OUTER_LINES = Pattern.compile("^\\n+|\\n+$");
  private static final Pattern LINE_BREAK = Pattern.compile("\\r?\\n|\\r");
  private static final Pattern BACKTICKS = Pattern.compile("`+");
  private static final Pattern SPACES = Pattern.compile("[ \\t\\r\\n]+");

  private static final Set<String> DROPPED = Set.of("script", "style", "noscript", "template");

  /** Deeper markup than any editor writes is taken as text, to keep the stack small. */
  private static final int MAX_DEPTH = 200;

  private HtmlToMarkdown() {}

  /** Tells whether a value was written by the HTML editor: it begins with a block element. */
  public static boolean looksLikeHtml(String text) {
    return text.indexOf('<') >= 0 && BLOCK_START.matcher(text).find();
  }

  /** Converts a fragment of HTML. */
  public static String convert(String html) {
    Element body = Jsoup.parseBodyFragment(html).body();
    WhiteSpace.collapse(body);
    return OUTER_BREAKS.matcher(children(body, 0)).replaceAll("");
  }

  private static String children(Element parent, int depth) {
    if (depth > MAX_DEPTH) {
      return parent.text();
    }
    var out = new StringBuilder();
    for (Node child : parent.childNodes()) {
      if (child instanceof TextNode text) {
        append(out, text.getWholeText());
      } else if (child instanceof Element element && !DROPPED.contains(element.normalName())) {
        append(out, element(element, depth + 1));
      }
    }
    return out.toString();
  }

  /** Between two pieces stand as many line breaks as either asks for, two at most. */
  private static void append(StringBuilder out, String piece) {
    int before = 0;
    while (before < out.length() && out.charAt(out.length() - 1 - before) == '\n') {
      before++;
    }
    int after = 0;
    while (after < piece.length() && piece.charAt(after) == '\n') {
      after++;
    }
    out.setLength(out.length() - before);
    out.repeat('\n', Math.min(2, Math.max(before, after)));
    out.append(piece, after, piece.length());
  }

  private static String element(Element element, int depth) {
    String name = element.normalName();
    if (WhiteSpace.isBlank(element)) {
      return WhiteSpace.isBlock(element) ? "\n\n" : blankInline(element);
    }
    String content = name.equals("pre") ? "" : children(element, depth);
    if (!WhiteSpace.isBlock(element) && !name.equals("br") && !name.equals("img")) {
      // White space inside the markers would break them, so it moves out.
      String trimmed = content.strip();
      int lead = content.indexOf(trimmed);
      return content.substring(0, lead)
          + inline(element, name, trimmed)
          + content.substring(lead + trimmed.length());
    }
    return switch (name) {
      case "br" -> "  \n";
      case "hr" -> "\n\n* * *\n\n";
      case "img" -> image(element);
      case "h1", "h2" -> setext(content, name.equals("h1") ? "=" : "-");
      case "h3", "h4", "h5", "h6" ->
          "\n\n" + "#".repeat(name.charAt(1) - '0') + " " + content + "\n\n";
      case "blockquote" -> quote(content);
      case "ul", "ol" -> list(element, content);
      case "li" -> item(element, content);
      case "pre" -> preformatted(element, depth);
      default -> "\n\n" + content + "\n\n";
    };
  }

  private static String inline(Element element, String name, String content) {
    return switch (name) {
      case "strong", "b" -> content.isEmpty() ? "" : "**" + content + "**";
      case "em", "i" -> content.isEmpty() ? "" : "_" + content + "_";
      case "code" -> code(content);
      case "a" -> link(element, content);
      default -> content;
    };
  }

  private static String blankInline(Element element) {
    return element.wholeText().isEmpty() ? "" : " ";
  }

  private static String setext(String content, String mark) {
    return "\n\n" + content + "\n" + mark.repeat(content.length()) + "\n\n";
  }

  private static String quote(String content) {
    String lines = OUTER_LINES.matcher(content).replaceAll("");
    return "\n\n> " + lines.replace("\n", "\n> ") + "\n\n";
  }

  private static String list(Element element, String content) {
    Element parent = element.parent();
    boolean nested =
        parent != null && parent.normalName().equals("li") && element.nextElementSibling() == null;
    return nested ? "\n" + content : "\n\n" + content + "\n\n";
  }

  private static String item(Element element, String content) {
    String lines = OUTER_LINES.matcher(content).replaceAll("");
    // A paragraph at its end leaves a line of blanks, as Flowise's captures show.
    String text = (content.endsWith("\n") ? lines + "\n" : lines).replace("\n", "\n    ");
    Element list = element.parent();
    String mark = "*   ";
    if (list != null && list.normalName().equals("ol")) {
      String start = list.attr("start");
      int first = start.matches("\\d{1,8}") ? Integer.parseInt(start) : 1;
      mark = (first + element.elementSiblingIndex()) + ".  ";
    }
    return mark + text + (element.nextSibling() == null ? "" : "\n");
  }

  private static String preformatted(Element element, int depth) {
    if (element.childNodeSize() > 0
        && element.childNode(0) instanceof Element code
        && code.normalName().equals("code")) {
      return "\n\n    " + code.wholeText().replace("\n", "\n    ") + "\n\n";
    }
    return "\n\n" + children(element, depth) + "\n\n";
  }

  private static String code(String content) {
    if (content.isEmpty()) {
      return "";
    }
    String text = LINE_BREAK.matcher(content).replaceAll(" ");
    boolean spaced = text.startsWith(" ") && text.endsWith(" ") && !text.isBlank();
    String space = spaced || text.startsWith("`") || text.endsWith("`") ? " " : "";
    var runs = BACKTICKS.matcher(text).results().map(run -> run.group().length()).toList();
    int length = 1;
    while (runs.contains(length)) {
      length++;
    }
    return "`".repeat(length) + space + text + space + "`".repeat(length);
  }

  private static String link(Element element, String content) {
    String target = element.attr("href");
    if (target.isEmpty()) {
      return content;
    }
    String escaped = target.replaceAll("([()])", "\\\\$1");
    return "[" + content + "](" + escaped + title(element) + ")";
  }

  private static String image(Element element) {
    String source = element.attr("src");
    return source.isEmpty()
        ? ""
        : "![" + element.attr("alt") + "](" + source + title(element) + ")";
  }

  private static String title(Element element) {
    String title = SPACES.matcher(element.attr("title")).replaceAll(" ");
    return title.isEmpty() ? "" : " \"" + title.replace("\"", "\\\"") + "\"";
  }
}
