package dev.millrace.flows.expression;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A text with references between double braces, taken apart once and filled in at every run.
 *
 * <p>A text that begins like HTML becomes Markdown first. Values go in as they are and are never
 * looked at again, so nothing a user typed can act as a reference. What cannot be resolved stays as
 * it was written. Immutable.
 */
public final class Template {
  /** How many characters it may have when it is filled in. */
  static final int LONGEST = 32 << 20;

  private sealed interface Part {}

  private record Literal(String text) implements Part {}

  private record Hole(String written, Reference reference) implements Part {}

  private final List<Part> parts;
  private final boolean asksQuestion;

  private Template(List<Part> parts) {
    this.parts = List.copyOf(parts);
    this.asksQuestion =
        parts.stream()
            .anyMatch(part -> part instanceof Hole(_, var ref) && ref == Reference.Word.QUESTION);
  }

  /** Takes a text apart. */
  public static Template of(String text) {
    String source = HtmlToMarkdown.looksLikeHtml(text) ? HtmlToMarkdown.convert(text) : text;
    var parts = new ArrayList<Part>();
    int copied = 0;
    int open = source.indexOf("{{");
    int close = -1;
    while (open >= 0) {
      // Looked for once, not from every brace that opens: a text may be nothing but such braces.
      close = close < open + 2 ? source.indexOf("}}", open + 2) : close;
      if (close < 0) {
        break;
      }
      int lineEnd = lineEnd(source, open + 2, close);
      if (lineEnd >= 0) {
        // A reference does not span lines; whatever opened before this line's end never closes.
        open = source.indexOf("{{", lineEnd);
        continue;
      }
      if (open > copied) {
        parts.add(new Literal(source.substring(copied, open)));
      }
      String inside = source.substring(open + 2, close).trim();
      copied = close + 2;
      parts.add(new Hole(source.substring(open, copied), Reference.parse(inside)));
      open = source.indexOf("{{", copied);
    }
    if (copied < source.length() || parts.isEmpty()) {
      parts.add(new Literal(source.substring(copied)));
    }
    return new Template(parts);
  }

  /** Returns what it says in every run, null when that depends on the run. */
  public @Nullable String constant() {
    var text = new StringBuilder();
    for (Part part : parts) {
      if (!(part instanceof Literal(var literal))) {
        return null;
      }
      text.append(literal);
    }
    return text.toString();
  }

  /** Returns the nodes whose output it refers to, as far as their ids can be told. */
  public Set<String> nodeIds() {
    var ids = new LinkedHashSet<String>();
    for (Part part : parts) {
      if (part instanceof Hole(_, Reference.NodeOutput(var id, _, _))) {
        ids.add(id);
      } else if (part instanceof Hole(_, Reference.NodeContent(var id))) {
        ids.add(id);
      }
    }
    return ids;
  }

  /**
   * Fills it in.
   *
   * @return text; a number or truth value when the template is nothing but a reference to one in
   *     the output of a node
   * @throws FlowException when it becomes longer than {@link #LONGEST}
   */
  public JsonNode fill(Scope scope) {
    if (parts.size() == 1 && parts.getFirst() instanceof Hole(_, Reference.NodeOutput output)) {
      JsonNode value = Lookup.find(output, scope);
      if (value != null && (value.isNumber() || value.isBoolean())) {
        return value;
      }
    }
    var text = new StringBuilder();
    if (asksQuestion && !scope.uploads().isEmpty()) {
      text.append(scope.uploads()).append("\n\n");
    }
    for (Part part : parts) {
      append(
          text,
          switch (part) {
            case Literal(var literal) -> literal;
            case Hole(var written, var reference) -> filled(written, reference, scope);
          });
    }
    return Json.text(text.toString());
  }

  /**
   * Fills it in after the node has put something out, for an update of the state.
   *
   * @return the output itself where the template is nothing but {@code {{ output }}}; what a {@code
   *     {{ output.path }}} in it finds, in place of the whole text; else text
   */
  JsonNode fill(Scope scope, JsonNode output) {
    JsonNode root = output.isString() ? Json.readOrMissing(output.stringValue()) : output;
    for (Part part : parts) {
      if (part instanceof Hole(_, Reference.Result(var path)) && !path.isEmpty()) {
        JsonNode value = Paths.get(root, path);
        if (!value.isMissingNode()) {
          return value;
        }
      }
    }
    if (parts.size() == 1 && parts.getFirst() instanceof Hole(_, Reference.Result(var path))) {
      return path.isEmpty() ? output : fill(scope);
    }
    var text = new StringBuilder();
    for (Part part : parts) {
      append(
          text,
          switch (part) {
            case Literal(var literal) -> literal;
            case Hole(_, Reference.Result(var path)) when path.isEmpty() -> JsonText.of(output);
            case Hole(var written, var reference) -> filled(written, reference, scope);
          });
    }
    return Json.text(text.toString());
  }

  private void append(StringBuilder text, String piece) {
    // One piece alone is in memory already; many are how a little text becomes a very long one.
    if (parts.size() > 1 && text.length() + (long) piece.length() > LONGEST) {
      throw new FlowException(
          "the text has more than "
              + LONGEST
              + " characters when its references are filled in: refer to less, or less often.");
    }
    text.append(piece);
  }

  private static String filled(String written, Reference reference, Scope scope) {
    JsonNode value = Lookup.find(reference, scope);
    if (value != null) {
      return JsonText.of(value);
    }
    // What the node has yet to put out is filled in later, in its state updates.
    return scope.keepsUnresolved() || reference instanceof Reference.Result ? written : "";
  }

  private static int lineEnd(String text, int from, int to) {
    for (int at = from; at < to; at++) {
      char c = text.charAt(at);
      if (c == '\n' || c == '\r' || c == '\u2028' || c == '\u2029') {
        return at;
      }
    }
    return -1;
  }
}
