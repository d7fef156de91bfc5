package dev.millrace.flows.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;
import org.jspecify.annotations.Nullable;

/** White space as browsers see it: collapsed, and gone at the edges of blocks. */
final class WhiteSpace {
  private static final Pattern RUN = Pattern.compile("[ \\r\\n\\t]+");

  private static final Set<String> BLOCKS =
      Set.of(
          "address",
          "article",
          "aside",
          "audio",
          "blockquote",
          "body",
          "canvas",
          "center",
          "dd",
          "dir",
          "div",
          "dl",
          "dt",
          "fieldset",
          "figcaption",
          "figure",
          "footer",
          "form",
          "frameset",
          "h1",
          "h2",
          "h3",
          "h4",
          "h5",
          "h6",
          "header",
          "hgroup",
          "hr",
          "html",
          "isindex",
          "li",
          "main",
          "menu",
          "nav",
          "noframes",
          "noscript",
          "ol",
          "output",
          "p",
          "pre",
          "section",
          "table",
          "tbody",
          "td",
          "tfoot",
          "th",
          "thead",
          "tr",
          "ul");

  /** Elements that show something although they hold no text. */
  private static final Set<String> MEANINGFUL =
      Set.of(
          "area", "base", "br", "col", "command", "embed", "hr", "img", "input", "keygen", "link",
          "meta", "param", "source", "track", "wbr", "a", "table", "thead", "tbody", "tfoot", "th",
          "td", "iframe", "script", "audio", "video");

  private static final Set<String> VOID = Set.of("br", "hr", "img", "input", "embed", "wbr");

  private WhiteSpace() {}

  static boolean isBlock(Element element) {
    return BLOCKS.contains(element.normalName());
  }

  /** Tells whether an element shows nothing. */
  static boolean isBlank(Element element) {
    return !MEANINGFUL.contains(element.normalName())
        && element.wholeText().isBlank()
        && element.stream().noneMatch(inner -> MEANINGFUL.contains(inner.normalName()));
  }

  /** Collapses the white space below an element, in place. */
  static void collapse(Element root) {
    var collapser = new Collapser();
    root.traverse(collapser);
    collapser.end();
    collapser.emptied.stream().filter(node -> node.parent() != null).forEach(Node::remove);
  }

  private static final class Collapser implements NodeVisitor {
    private final List<Node> emptied = new ArrayList<>();
    private @Nullable TextNode previous;
    private boolean keepLeadingSpace;

    @Override
    public void head(Node node, int depth) {
      if (node instanceof TextNode text) {
        text(text);
      } else if (node instanceof Element element) {
        if (isBlock(element) || element.normalName().equals("br")) {
          end();
          keepLeadingSpace = false;
        } else if (VOID.contains(element.normalName())) {
          previous = null;
          keepLeadingSpace = true;
        }
      }
    }

    @Override
    public void tail(Node node, int depth) {
      if (node instanceof Element element && isBlock(element)) {
        end();
        keepLeadingSpace = false;
      }
    }

    private void text(TextNode node) {
      if (preformatted(node)) {
        previous = null;
        keepLeadingSpace = true;
        return;
      }
      String text = RUN.matcher(node.getWholeText()).replaceAll(" ");
      var before = previous;
      boolean spaceBefore = before != null && before.getWholeText().endsWith(" ");
      if (text.startsWith(" ") && (before == null ? !keepLeadingSpace : spaceBefore)) {
        text = text.substring(1);
      }
      node.text(text);
      if (text.isEmpty()) {
        emptied.add(node);
      } else {
        previous = node;
      }
    }

    /** A block ends here: a space before its end shows nothing. */
    void end() {
      var last = previous;
      if (last != null) {
        String text = last.getWholeText();
        if (text.endsWith(" ")) {
          last.text(text.substring(0, text.length() - 1));
          if (text.length() == 1) {
            emptied.add(last);
          }
        }
      }
      previous = null;
    }
  }

  private static boolean preformatted(TextNode node) {
    for (Node at = node.parent(); at != null; at = at.parent()) {
      if (at instanceof Element element && element.normalName().equals("pre")) {
        return true;
      }
    }
    return false;
  }
}
