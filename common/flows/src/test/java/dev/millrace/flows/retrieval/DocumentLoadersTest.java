package dev.millrace.flows.retrieval;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.model.Json;
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts.FontName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

class DocumentLoadersTest {
  @Test
  void takesPlainText() {
    var pieces =
        load("plainText", Json.object().put("text", "he\0llo").put("metadata", "{\"a\":1}"));
    assertThat(pieces).extracting(Piece::text).containsExactly("hello");
    assertThat(pieces.getFirst().metadata()).hasToString("{\"a\":1}");
  }

  @Test
  void readsSeveralTextFilesAndTellsWhichTheyWere() {
    String files =
        Json.array().add(file("one", "a b.txt")).add(file("\ufefftwo", "b.txt")).toString();
    var pieces = load("textFile", Json.object().put("txtFile", files));
    assertThat(pieces).extracting(Piece::text).containsExactly("one", "two");
    assertThat(pieces.getFirst().metadata().path("source").asString()).isEqualTo("a b.txt");
    var loader = new Component("textFile", Json.object().put("txtFile", files));
    assertThat(DocumentLoaders.describe(loader, StoredDocument.NONE))
        .first()
        .hasToString("{\"name\":\"a b.txt\",\"size\":3}");
  }

  @Test
  void leavesMetadataOut() {
    ObjectNode config =
        Json.object().put("txtFile", file("x", "x.txt")).put("omitMetadataKeys", "*");
    assertThat(load("textFile", config).getFirst().metadata()).isEmpty();
    config.put("omitMetadataKeys", "other, source").put("metadata", "{\"k\":\"v\"}");
    assertThat(load("textFile", config).getFirst().metadata()).hasToString("{\"k\":\"v\"}");
  }

  @Test
  void readsTheStringsOfJson() {
    String json = "{\"items\":[{\"title\":\"A\",\"text\":\"one\"},{\"title\":\"B\",\"n\":5}]}";
    assertThat(texts("jsonFile", "jsonFile", json, "{}")).containsExactly("A", "one", "B");
    assertThat(texts("jsonFile", "jsonFile", json, "{\"pointersName\":\"title\"}"))
        .containsExactly("A", "B");
    assertThat(texts("jsonFile", "jsonFile", json, "{\"pointersName\":\"/items/text, /none\"}"))
        .containsExactly("one");
    assertThat(
            texts("jsonFile", "jsonFile", "[{\"a\":1},{\"b\":2}]", "{\"separateByObject\":true}"))
        .containsExactly("{\"a\":1}", "{\"b\":2}");
  }

  @Test
  void readsTheRowsOfCsv() {
    String csv = "name,remark\nAnn,\"likes \"\"tea\"\",\nand more\"\n\nBob,\n";
    assertThat(texts("csvFile", "csvFile", csv, "{}"))
        .containsExactly("name: Ann\nremark: likes \"tea\",\nand more", "name: Bob\nremark: ");
    assertThat(texts("csvFile", "csvFile", csv, "{\"columnName\":\"name\"}"))
        .containsExactly("Ann", "Bob");
    assertThatThrownBy(() -> texts("csvFile", "csvFile", csv, "{\"columnName\":\"age\"}"))
        .hasMessageContaining("no column \"age\"")
        .hasMessageContaining("name, remark");
  }

  @Test
  void readsThePagesOfPdf() throws Exception {
    String pdf = uri(pdf("first page", "second page"), "application/pdf", "p.pdf");
    var pages = load("pdfFile", Json.object().put("pdfFile", pdf));
    assertThat(pages).extracting(Piece::text).containsExactly("first page", "second page");
    assertThat(pages.get(1).metadata())
        .hasToString(
            "{\"source\":\"p.pdf\",\"pdf\":{\"totalPages\":2},\"loc\":{\"pageNumber\":2}}");
    var whole = load("pdfFile", Json.object().put("pdfFile", pdf).put("usage", "perFile"));
    assertThat(whole).extracting(Piece::text).containsExactly("first page\n\nsecond page");
  }

  @Test
  void aCancellationStopsIt() throws Exception {
    String pdf = uri(pdf("page"), "application/pdf", "p.pdf");
    var cancellation = new Cancellation();
    cancellation.cancel("enough");
    var loader = new Component("pdfFile", Json.object().put("pdfFile", pdf));
    assertThatThrownBy(() -> DocumentLoaders.load(loader, StoredDocument.NONE, cancellation))
        .isInstanceOf(FlowCancelledException.class);
  }

  @ParameterizedTest
  @MethodSource("bad")
  void saysWhatIsWrongWithAFile(String loader, String input, String value, String message) {
    ObjectNode config = Json.object().put(input, value);
    assertThatThrownBy(() -> load(loader, config)).hasMessageContaining(message);
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of("docxFile", "x", "", "supported are csvFile, jsonFile, pdfFile, plainText"),
        Arguments.of("plainText", "text", " ", "loader.config.text is missing"),
        Arguments.of("textFile", "txtFile", "", "loader.config.txtFile is missing"),
        Arguments.of("textFile", "txtFile", "FILE-STORAGE::[\"a\"]", "Flowise's storage"),
        Arguments.of("textFile", "txtFile", "hello", "has to be data:<type>;base64"),
        Arguments.of("textFile", "txtFile", "[1", "no JSON array"),
        Arguments.of("textFile", "txtFile", "data:a/b;base64,YQ=x=", "not in base64"),
        Arguments.of(
            "textFile", "txtFile", "data:a/b;base64,/w==,filename:l.txt", "l.txt is not text"),
        Arguments.of("jsonFile", "jsonFile", file("{", "j.json"), "j.json is not JSON"),
        Arguments.of("pdfFile", "pdfFile", file("no pdf", "p.pdf"), "p.pdf cannot be read as PDF"),
        Arguments.of("pdfFile", "usage", "perWord", "loader.config.pdfFile is missing"));
  }

  @Test
  void readsWhatIsOnlyNamed() {
    ObjectNode config = Json.object().put("txtFile", "FILE-STORAGE::[\"a.txt\",\"b.txt\"]");
    var loader = new Component("textFile", config);
    StoredDocument stored = name -> Optional.of(("in " + name).getBytes(UTF_8));
    StoredFiles storage = (folder, name) -> Optional.empty();
    DocumentLoaders.check(loader, storage);
    assertThat(DocumentLoaders.load(loader, stored, Cancellation.none()))
        .extracting(Piece::text)
        .containsExactly("in a.txt", "in b.txt");
    assertThat(DocumentLoaders.describe(loader, stored).toString()).contains("a.txt", "b.txt");
    assertThatThrownBy(() -> DocumentLoaders.load(loader, StoredDocument.NONE, Cancellation.none()))
        .hasMessageContaining("txtFile names the file a.txt in Flowise's storage")
        .hasMessageContaining("BLOB_STORAGE_PATH");
    assertThatThrownBy(() ->
            DocumentLoaders.load(
                loader, name -> Optional.of(new byte[10 << 20]), Cancellation.none()))
        .hasMessageContaining("a task takes at most 16777216");

    var nameless = new Component("textFile", Json.object().put("txtFile", "FILE-STORAGE::[1"));
    assertThatThrownBy(() -> DocumentLoaders.check(nameless, storage))
        .hasMessageContaining("loader.config.txtFile is FILE-STORAGE::[1: it has to be");
  }

  @Test
  void filesHaveABound() {
    String large = uri(new byte[DocumentLoaders.LARGEST_FILES + 1], "text/plain", "l.txt");
    var loader = new Component("textFile", Json.object().put("txtFile", large));
    assertThatThrownBy(() -> DocumentLoaders.check(loader, StoredFiles.NONE))
        .hasMessageContaining("txtFile has 16777217 bytes; a task takes at most 16777216");
  }

  private static List<String> texts(String loader, String input, String content, String config) {
    ObjectNode inputs = (ObjectNode) Json.read(config);
    return load(loader, inputs.put(input, file(content, "f"))).stream().map(Piece::text).toList();
  }

  private static List<Piece> load(String name, ObjectNode config) {
    var loader = new Component(name, config);
    DocumentLoaders.check(loader, StoredFiles.NONE);
    return DocumentLoaders.load(loader, StoredDocument.NONE, Cancellation.none());
  }

  private static String file(String content, String name) {
    return uri(content.getBytes(UTF_8), "text/plain", name);
  }

  private static String uri(byte[] content, String type, String name) {
    return "data:"
        + type
        + ";base64,"
        + Base64.getEncoder().encodeToString(content)
        + ",filename:"
        + name;
  }

  private static byte[] pdf(String... pages) throws Exception {
    try (var document = new PDDocument()) {
      for (String text : pages) {
        var page = new PDPage();
        document.addPage(page);
        try (var content = new PDPageContentStream(document, page)) {
          content.beginText();
          content.setFont(new PDType1Font(FontName.HELVETICA), 12);
          content.newLineAtOffset(50, 700);
          content.showText(text);
          content.endText();
        }
      }
      var out = new ByteArrayOutputStream();
      document.save(out);
      return out.toByteArray();
    }
  }
}
