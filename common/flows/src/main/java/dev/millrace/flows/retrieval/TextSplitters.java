package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Cuts documents into pieces, as Flowise's text splitters do. Stateless. */
public final class TextSplitters {
  /** How many pieces one document may have. */
  public static final int MOST_PIECES = 20_000;

  private static final int SIZE = 1_000;
  private static final int OVERLAP = 200;
  private static final int LARGEST = 1_000_000;
  private static final String RECURSIVE = "recursiveCharacterTextSplitter";
  private static final String CHARACTER = "characterTextSplitter";
  private static final String MARKDOWN = "markdownTextSplitter";
  private static final List<String> SEPARATORS = List.of("\n\n", "\n", " ", "");

  /** From the strongest break of Markdown to the weakest. */
  private static final List<String> MARKDOWN_SEPARATORS =
      List.of(
          "\n# ",
          "\n## ",
          "\n### ",
          "\n#### ",
          "\n##### ",
          "\n###### ",
          "\n```",
          "\n---\n",
          "\n***\n",
          "\n___\n",
          "\n\n",
          "\n",
          " ",
          "");

  private TextSplitters() {}

  private record Chosen(TextSplitter splitter, int headers) {}

  /** Returns the names of the splitters there are. */
  public static Set<String> supported() {
    return new TreeSet<>(Set.of(RECURSIVE, CHARACTER, MARKDOWN));
  }

  /**
   * Refuses what cannot split.
   *
   * @throws IllegalArgumentException naming the setting; for a splitter that is not there, with
   *     those that are
   */
  public static void check(Component splitter) {
    var _ = chosen(splitter);
  }

  /**
   * Splits; each piece has the metadata of what it was cut from.
   *
   * @param splitter null leaves every piece whole
   * @throws IllegalArgumentException as {@link #check}
   * @throws FlowException when there would be more than {@value #MOST_PIECES}
   */
  public static List<Piece> split(
      List<Piece> documents, @Nullable Component splitter, Cancellation cancellation) {
    Chosen chosen = splitter == null ? null : chosen(splitter);
    var pieces = new ArrayList<Piece>();
    for (Piece document : documents) {
      cancellation.throwIfCancelled();
      for (String text : chosen == null ? List.of(document.text()) : cut(chosen, document.text())) {
        pieces.add(new Piece(text, document.metadata(), null));
      }
      if (pieces.size() > MOST_PIECES) {
        throw new FlowException(
            "The document has more than "
                + MOST_PIECES
                + " pieces: choose a larger chunkSize, or"
                + " split it over several tasks.");
      }
    }
    return pieces;
  }

  private static List<String> cut(Chosen chosen, String text) {
    if (chosen.headers() == 0) {
      return chosen.splitter().split(text);
    }
    var pieces = new ArrayList<String>();
    for (String section : MarkdownSections.of(text, chosen.headers())) {
      pieces.addAll(chosen.splitter().split(section));
    }
    return pieces;
  }

  private static Chosen chosen(Component splitter) {
    int size = number(splitter, "chunkSize", SIZE, 1);
    int overlap = number(splitter, "chunkOverlap", Math.min(OVERLAP, size - 1), 0);
    if (overlap >= size) {
      throw new IllegalArgumentException(
          "splitter.config.chunkOverlap is "
              + overlap
              + "; it has to be less than chunkSize, which"
              + " is "
              + size);
    }
    return switch (splitter.name()) {
      case RECURSIVE -> new Chosen(new TextSplitter(size, overlap, separators(splitter), true), 0);
      case MARKDOWN ->
          new Chosen(new TextSplitter(size, overlap, MARKDOWN_SEPARATORS, true), headers(splitter));
      case CHARACTER -> {
        String given = JsonText.of(splitter.config().path("separator"));
        String separator = given.isEmpty() ? "\n\n" : given;
        yield new Chosen(new TextSplitter(size, overlap, List.of(separator), false), 0);
      }
      default ->
          throw new IllegalArgumentException(
              "splitter: \""
                  + splitter.name()
                  + "\" is not supported; supported are "
                  + String.join(", ", supported()));
    };
  }

  private static int number(Component splitter, String key, int otherwise, int least) {
    String text = JsonText.of(splitter.config().path(key)).strip();
    try {
      int number = text.isEmpty() ? otherwise : Integer.parseInt(text);
      if (number >= least && number <= LARGEST) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "splitter.config." + key + " is \"" + text + "\", which is not a whole number", e);
    }
    throw new IllegalArgumentException(
        "splitter.config." + key + " is " + text + "; it has to be " + least + " to " + LARGEST);
  }

  private static List<String> separators(Component splitter) {
    JsonNode value = splitter.config().path("separators");
    if (value.isString()) {
      value =
          value.stringValue().isBlank() ? Json.array() : Json.readOrMissing(value.stringValue());
    } else if (value.isMissingNode() || value.isNull()) {
      value = Json.array();
    }
    if (!value.isArray() || !value.valueStream().allMatch(JsonNode::isString)) {
      throw new IllegalArgumentException(
          "splitter.config.separators has to be a JSON array of texts, such as [\"\\n\\n\", \" \"]");
    }
    return value.isEmpty() ? SEPARATORS : value.valueStream().map(JsonNode::stringValue).toList();
  }

  private static int headers(Component splitter) {
    String level = JsonText.of(splitter.config().path("splitByHeaders"));
    if (level.isEmpty() || level.equals("disabled")) {
      return 0;
    }
    if (level.matches("h[1-6]")) {
      return level.charAt(1) - '0';
    }
    throw new IllegalArgumentException(
        "splitter.config.splitByHeaders is \"" + level + "\"; it has to be disabled or h1 to h6");
  }
}
