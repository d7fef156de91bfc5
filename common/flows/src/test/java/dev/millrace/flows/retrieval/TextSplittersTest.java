package dev.millrace.flows.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.model.Json;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class TextSplittersTest {
  private static final String RECURSIVE = "recursiveCharacterTextSplitter";

  @Test
  void breaksAtParagraphsBeforeItBreaksAtWords() {
    assertThat(split(RECURSIVE, "{\"chunkSize\":20,\"chunkOverlap\":0}", "one two three\n\nfour"))
        .containsExactly("one two three\n\nfour");
    assertThat(split(RECURSIVE, "{\"chunkSize\":16,\"chunkOverlap\":0}", "one two three\n\nfour"))
        .containsExactly("one two three", "four");
    assertThat(split(RECURSIVE, "{\"chunkSize\":8,\"chunkOverlap\":0}", "one two three\n\nfour"))
        .containsExactly("one two", "three", "four");
  }

  @Test
  void aPieceBeginsWithTheEndOfTheOneBefore() {
    assertThat(split(RECURSIVE, "{\"chunkSize\":12,\"chunkOverlap\":6}", "aaa bbb ccc ddd eee"))
        .containsExactly("aaa bbb ccc", "ccc ddd eee");
  }

  @Test
  void cutsWordsThatAreTooLongButNoCharacters() {
    assertThat(split(RECURSIVE, "{\"chunkSize\":4,\"chunkOverlap\":1}", "abcdefghij"))
        .containsExactly("abcd", "defg", "ghij");
    assertThat(split(RECURSIVE, "{\"chunkSize\":3,\"chunkOverlap\":0}", "😀😀😀"))
        .containsExactly("😀", "😀", "😀");
    assertThat(split(RECURSIVE, "{\"chunkSize\":1,\"chunkOverlap\":0}", "😀a"))
        .containsExactly("😀", "a");
  }

  @Test
  void takesSeparatorsOfTheUser() {
    String config = "{\"chunkSize\":5,\"chunkOverlap\":0,\"separators\":\"[\\\"|\\\",\\\"\\\"]\"}";
    assertThat(split(RECURSIVE, config, "a b|c d|e f")).containsExactly("a b", "|c d", "|e f");
  }

  @Test
  void theOneSeparatorOfACharacterSplitterIsDroppedBetweenPieces() {
    String config = "{\"chunkSize\":5,\"chunkOverlap\":0,\"separator\":\";\"}";
    assertThat(split("characterTextSplitter", config, "a;b;c;d;longer than five;e"))
        .containsExactly("a;b;c", "d", "longer than five", "e");
  }

  @Test
  void markdownBreaksAtHeadersAndNotInsideOfCode() {
    String text = "# A\nalpha\n## B\nbeta\n```\n# no header\n```\n# C\ngamma";
    assertThat(split("markdownTextSplitter", "{\"splitByHeaders\":\"h1\"}", text))
        .containsExactly("# A\nalpha\n## B\nbeta\n```\n# no header\n```", "# C\ngamma");
    assertThat(
            split(
                "markdownTextSplitter",
                "{\"chunkSize\":12,\"chunkOverlap\":0}",
                "# A\nalpha\n# B\nb"))
        .containsExactly("# A\nalpha", "# B\nb");
  }

  @Test
  void withoutSettingsPiecesHaveAThousandCharacters() {
    List<String> pieces = split(RECURSIVE, "{\"chunkSize\":\"\"}", "word ".repeat(1_000));
    assertThat(pieces).hasSize(7).allMatch(piece -> piece.length() <= 1_000);
    assertThat(split(RECURSIVE, "{\"chunkSize\":100}", "word ".repeat(100)))
        .as("the overlap shrinks to what fits")
        .isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tokenTextSplitter|{}|splitter: \"tokenTextSplitter\" is not supported; supported are",
        "characterTextSplitter|{\"chunkSize\":0}|chunkSize is 0",
        "characterTextSplitter|{\"chunkSize\":\"x\"}|chunkSize is \"x\"",
        "characterTextSplitter|{\"chunkSize\":10,\"chunkOverlap\":10}|chunkOverlap is 10",
        "markdownTextSplitter|{\"splitByHeaders\":\"h7\"}|splitByHeaders is \"h7\"",
        "recursiveCharacterTextSplitter|{\"separators\":\"no\"}|separators has to be a JSON array",
      })
  void refusesWhatCannotSplit(String name, String config, String message) {
    Component splitter = new Component(name, (ObjectNode) Json.read(config));
    assertThatThrownBy(() -> TextSplitters.check(splitter))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void stopsWhenItIsCancelled() {
    var cancellation = new Cancellation();
    cancellation.cancel("enough");
    assertThatThrownBy(() -> TextSplitters.split(List.of(piece("a")), null, cancellation))
        .isInstanceOf(FlowCancelledException.class);
  }

  /** Nothing of the text is lost, nothing is longer than it may be. */
  @Property(tries = 300)
  void losesNothing(
      @ForAll @StringLength(max = 200) String given,
      @ForAll @IntRange(min = 2, max = 40) int size,
      @ForAll @IntRange(max = 39) int overlap) {
    String text = given.replaceAll("[^\\x20-\\x7e]", " ");
    var splitter =
        new TextSplitter(size, Math.min(overlap, size - 1), List.of("\n\n", "\n", " ", ""), true);
    List<String> pieces = splitter.split(text);
    assertThat(pieces).allMatch(piece -> piece.length() <= size && !piece.isBlank());
    int at = 0;
    String bare = text.replace(" ", "");
    for (String piece : pieces) {
      String part = piece.replace(" ", "");
      int found = bare.indexOf(part, Math.max(0, at - size));
      assertThat(found).as("place of \"%s\" in \"%s\"", part, bare).isBetween(0, at);
      at = Math.max(at, found + part.length());
    }
    assertThat(at).isEqualTo(bare.length());
  }

  private static List<String> split(String name, String config, String text) {
    Component splitter = new Component(name, (ObjectNode) Json.read(config));
    TextSplitters.check(splitter);
    return TextSplitters.split(List.of(piece(text)), splitter, Cancellation.none()).stream()
        .map(Piece::text)
        .toList();
  }

  private static Piece piece(String text) {
    return new Piece(text, Json.object(), null);
  }
}
