package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns what users give into text with metadata, as Flowise's document loaders do. Stateless. */
public final class DocumentLoaders {
  /** How many bytes the files of one loader may have together. */
  public static final int LARGEST_FILES = 16 << 20;

  /** How many characters the text of one loader may have. */
  public static final int LONGEST_TEXT = 20_000_000;

  private static final String PLAIN = "plainText";
  private static final String PDF = "pdfFile";

  /** The loaders, each with the input that holds its text or its files. */
  private static final SortedMap<String, String> INPUTS =
      new TreeMap<>(
          Map.of(
              PLAIN,
              "text",
              "textFile",
              "txtFile",
              "jsonFile",
              "jsonFile",
              "csvFile",
              "csvFile",
              PDF,
              "pdfFile"));

  private DocumentLoaders() {}

  /** Returns the names of the loaders there are. */
  public static Set<String> supported() {
    return Collections.unmodifiableSet(INPUTS.keySet());
  }

  /**
   * Refuses what cannot be loaded. Files that are only named are not looked for.
   *
   * @param storage where they would be
   * @throws IllegalArgumentException naming the input; for a loader that is not there, with those
   *     that are
   */
  public static void check(Component loader, StoredFiles storage) {
    String input = input(loader);
    if (loader.name().equals(PLAIN)) {
      if (JsonText.of(loader.config().path(input)).isBlank()) {
        throw new IllegalArgumentException("loader.config.text is missing");
      }
    } else if (storage.equals(StoredFiles.NONE)
        || !StoredFiles.isReference(JsonText.of(loader.config().path(input)).strip())) {
      var _ = files(loader, StoredDocument.NONE);
    } else {
      var _ =
          DocumentFile.names(
              JsonText.of(loader.config().path(input)).strip(), "loader.config." + input);
    }
    var _ = metadata(loader);
    var _ = perFile(loader);
  }

  /** Returns the name of the input that holds the text or the files. */
  public static String input(Component loader) {
    String input = INPUTS.get(loader.name());
    if (input == null) {
      throw new IllegalArgumentException(
          "loader: \""
              + loader.name()
              + "\" is not supported; supported are "
              + String.join(", ", supported()));
    }
    return input;
  }

  /**
   * Returns {@code {name, size}} of each file that a loader reads; nothing of {@code plainText}.
   *
   * @param stored reads what is only named
   */
  public static List<ObjectNode> describe(Component loader, StoredDocument stored) {
    return loader.name().equals(PLAIN)
        ? List.of()
        : files(loader, stored).stream()
            .map(file -> Json.object().put("name", file.name()).put("size", file.content().length))
            .toList();
  }

  /**
   * Loads; the pieces are as long as their source makes them.
   *
   * @param stored reads what is only named
   * @throws IllegalArgumentException as {@link #check}
   * @throws FlowException when a file is not what it should be, or too long
   */
  public static List<Piece> load(
      Component loader, StoredDocument stored, Cancellation cancellation) {
    List<Piece> loaded =
        loader.name().equals(PLAIN)
            ? List.of(
                new Piece(JsonText.of(loader.config().path(input(loader))), Json.object(), null))
            : fromFiles(loader, stored, cancellation);
    ObjectNode added = metadata(loader);
    Set<String> omitted = omitted(loader);
    var pieces = new ArrayList<Piece>();
    long length = 0;
    for (Piece piece : loaded) {
      // PostgreSQL keeps no NUL.
      String text = piece.text().replace("\0", "");
      length += text.length();
      if (length > LONGEST_TEXT) {
        throw new FlowException(
            "The documents of "
                + loader
                + " have more than "
                + LONGEST_TEXT
                + " characters: split"
                + " them over several tasks.");
      }
      if (!text.isBlank()) {
        ObjectNode own = omitted.contains("*") ? Json.object() : piece.metadata().deepCopy();
        own.remove(omitted);
        pieces.add(new Piece(text, own.setAll(added), null));
      }
    }
    return pieces;
  }

  private static List<Piece> fromFiles(
      Component loader, StoredDocument stored, Cancellation cancellation) {
    var pieces = new ArrayList<Piece>();
    for (DocumentFile file : files(loader, stored)) {
      cancellation.throwIfCancelled();
      ObjectNode about = Json.object().put("source", file.name());
      switch (loader.name()) {
        case "jsonFile" -> pieces.addAll(JsonTexts.of(file, about, loader.config()));
        case "csvFile" -> {
          String column = JsonText.of(loader.config().path("columnName")).strip();
          pieces.addAll(CsvRows.of(file, about, column));
        }
        case PDF -> pieces.addAll(PdfText.of(file, about, perFile(loader), cancellation));
        default -> pieces.add(new Piece(file.text(), about, null));
      }
    }
    return pieces;
  }

  private static List<DocumentFile> files(Component loader, StoredDocument stored) {
    String name = input(loader);
    String input = "loader.config." + name;
    var read = new AtomicLong();
    List<DocumentFile> files =
        DocumentFile.read(
            loader.config().path(name),
            input,
            file -> {
              Optional<byte[]> content = stored.read(file);
              content.ifPresent(bytes -> bound(input, read.addAndGet(bytes.length)));
              return content;
            });
    bound(input, files.stream().mapToLong(file -> file.content().length).sum());
    return files;
  }

  private static void bound(String input, long size) {
    if (size > LARGEST_FILES) {
      throw new IllegalArgumentException(
          input + " has " + size + " bytes; a task takes at most " + LARGEST_FILES);
    }
  }

  private static boolean perFile(Component loader) {
    String usage = JsonText.of(loader.config().path("usage"));
    return switch (usage) {
      case "", "perPage" -> false;
      case "perFile" -> true;
      default ->
          throw new IllegalArgumentException(
              "loader.config.usage is \"" + usage + "\"; it has to be perPage or perFile");
    };
  }

  private static ObjectNode metadata(Component loader) {
    JsonNode value = loader.config().path("metadata");
    if (value.isString() && !value.stringValue().isBlank()) {
      value = Json.readOrMissing(value.stringValue());
      if (!value.isObject()) {
        throw new IllegalArgumentException("loader.config.metadata is not a JSON object");
      }
    }
    return value instanceof ObjectNode object ? object : Json.object();
  }

  private static Set<String> omitted(Component loader) {
    return Arrays.stream(JsonText.of(loader.config().path("omitMetadataKeys")).split(",", -1))
        .map(String::strip)
        .filter(key -> !key.isEmpty())
        .collect(Collectors.toSet());
  }
}
