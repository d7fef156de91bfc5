package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.model.DataUri;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A file that came in an input of a loader. */
record DocumentFile(String name, byte[] content) {
  /**
   * Reads {@code data:<type>;base64,<content>,filename:<name>}, or a JSON array of such, or {@code
   * FILE-STORAGE::["name"]}.
   *
   * @param input the name of the input, for messages
   * @param stored reads what is only named
   * @throws IllegalArgumentException when it is something else
   */
  static List<DocumentFile> read(JsonNode value, String input, StoredDocument stored) {
    String text = JsonText.of(value).strip();
    if (text.isEmpty()) {
      throw new IllegalArgumentException(
          input + " is missing: it has to be a data URI, or a JSON array of them");
    }
    var files = new ArrayList<DocumentFile>();
    if (StoredFiles.isReference(text)) {
      for (String name : names(text, input)) {
        files.add(
            new DocumentFile(name, stored.read(name).orElseThrow(() -> missing(name, input))));
      }
      return files;
    }
    if (text.startsWith("[")) {
      JsonNode all = Json.readOrMissing(text);
      if (!all.isArray() || all.isEmpty()) {
        throw new IllegalArgumentException(input + " is no JSON array of data URIs");
      }
      for (JsonNode one : all) {
        files.add(one(JsonText.of(one).strip(), input));
      }
    } else {
      files.add(one(text, input));
    }
    return files;
  }

  /**
   * Returns the names of files that are not given themselves.
   *
   * @throws IllegalArgumentException when they cannot be read
   */
  static List<String> names(String reference, String input) {
    try {
      return StoredFiles.names(reference);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(input + " is " + reference + ": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException missing(String name, String input) {
    return new IllegalArgumentException(
        input
            + " names the file "
            + name
            + " in Flowise's storage, where it is not found: send its content as a data URI, or let"
            + " BLOB_STORAGE_PATH name the storage that has it for this document store");
  }

  private static DocumentFile one(String uri, String input) {
    try {
      DataUri file = DataUri.parse(uri);
      return new DocumentFile(decoded(file.nameOr("blob")), file.content());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(input + " " + e.getMessage(), e);
    }
  }

  private static String decoded(String name) {
    try {
      return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return name; // a name with a percent sign of its own
    }
  }

  /**
   * Returns the content as text.
   *
   * @throws FlowException when it is not UTF-8
   */
  String text() {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      return text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new FlowException(
          "The file " + name + " is not text in UTF-8: save it in that encoding.", e);
    }
  }
}
