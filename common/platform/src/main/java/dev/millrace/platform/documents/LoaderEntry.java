package dev.millrace.platform.documents;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.retrieval.Component;
import dev.millrace.flows.retrieval.DocumentLoaders;
import dev.millrace.flows.retrieval.Piece;
import dev.millrace.flows.retrieval.StoredDocument;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A document of a store as the store's {@code loaders} column keeps it. */
final class LoaderEntry {
  /** How many characters of text or files are kept for the next time; longer ones are not. */
  private static final int KEPT = 1 << 20;

  private LoaderEntry() {}

  /** Returns the entry of a document. */
  static Optional<ObjectNode> find(ArrayNode loaders, UUID docId) {
    for (JsonNode entry : loaders) {
      if (entry instanceof ObjectNode object
          && entry.path("id").asString("").equals(docId.toString())) {
        return Optional.of(object);
      }
    }
    return Optional.empty();
  }

  static @Nullable Component loader(@Nullable ObjectNode entry) {
    return component(entry, "loader");
  }

  static @Nullable Component splitter(@Nullable ObjectNode entry) {
    return component(entry, "splitter");
  }

  private static @Nullable Component component(@Nullable ObjectNode entry, String part) {
    if (entry == null || entry.path(part + "Id").asString("").isEmpty()) {
      return null;
    }
    var config = entry.path(part + "Config") instanceof ObjectNode own ? own : Json.object();
    return new Component(entry.path(part + "Id").asString(""), config);
  }

  /**
   * Makes the entry of a document.
   *
   * @param before what was known of it; null when it is new
   * @param stored reads the files that the loader only names
   */
  static ObjectNode of(
      UUID docId,
      @Nullable ObjectNode before,
      Component loader,
      @Nullable Component splitter,
      List<Piece> pieces,
      StoredDocument stored) {
    ObjectNode entry = before == null ? Json.object() : before.deepCopy();
    entry.put("id", docId.toString());
    name(entry, "loader", loader.name());
    entry.set("loaderConfig", kept(loader));
    name(entry, "splitter", splitter == null ? "" : splitter.name());
    entry.set("splitterConfig", splitter == null ? Json.object() : splitter.config());
    entry.put("totalChunks", pieces.size());
    entry.put("totalChars", pieces.stream().mapToLong(piece -> piece.text().length()).sum());
    entry.put("status", "SYNC");
    var files = DocumentLoaders.describe(loader, stored);
    entry.remove("files");
    if (!files.isEmpty()) {
      entry.putArray("files").addAll(files);
    }
    return entry;
  }

  /** Keeps the title that Flowise's interface gave a component, while it is the same one. */
  private static void name(ObjectNode entry, String part, String name) {
    if (!entry.path(part + "Id").asString("").equals(name)) {
      entry.put(part + "Name", name);
    }
    entry.put(part + "Id", name);
  }

  private static ObjectNode kept(Component loader) {
    var config = Json.shallowCopy(loader.config());
    var input = DocumentLoaders.input(loader);
    if (JsonText.of(config.path(input)).length() > KEPT) {
      config.remove(input);
    }
    return config;
  }

  /** Returns the entries with this one in its place, or at the end. */
  static ArrayNode put(ArrayNode loaders, ObjectNode entry) {
    ArrayNode all = Json.array();
    var found = false;
    for (JsonNode other : loaders) {
      var same = other.path("id").equals(entry.path("id"));
      found |= same;
      all.add(same ? entry : other);
    }
    return found ? all : all.add(entry);
  }
}
