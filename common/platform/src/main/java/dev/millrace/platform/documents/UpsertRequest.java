package dev.millrace.platform.documents;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.retrieval.Component;
import dev.millrace.platform.db.RowId;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is to be upserted: the members of Flowise's upsert API.
 *
 * @param storeId the store; null to create one
 * @param docStore what to create; null when there is a storeId
 * @param docId the document whose settings are taken where they are absent; null for none
 * @param replaceExisting whether it takes that document's place
 * @param metadata for every piece
 * @param loader null, as the following, when the document or its store has it; a name of "" is
 *     theirs
 */
record UpsertRequest(
    @Nullable UUID storeId,
    @Nullable NewStore docStore,
    @Nullable UUID docId,
    boolean replaceExisting,
    ObjectNode metadata,
    @Nullable Component loader,
    @Nullable Component splitter,
    @Nullable Component embedding,
    @Nullable Component vectorStore) {
  private static final Set<String> MEMBERS =
      new TreeSet<>(
          Set.of(
              "storeId",
              "createNewDocStore",
              "docStore",
              "docId",
              "replaceExisting",
              "metadata",
              "loader",
              "splitter",
              "embedding",
              "vectorStore"));

  /** A store that is to be created. */
  record NewStore(String name, String description) {}

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException naming the parameter
   */
  static UpsertRequest of(ObjectNode params) {
    for (var name : params.propertyNames()) {
      if (!MEMBERS.contains(name)) {
        throw new IllegalArgumentException(
            name + " is not known here; known are " + String.join(", ", MEMBERS));
      }
    }
    var storeId = id(params, "storeId");
    var docStore = docStore(params);
    var docId = id(params, "docId");
    if ((storeId == null) == (docStore == null)) {
      throw new IllegalArgumentException("either storeId or docStore {name} has to be given");
    }
    if (docId != null && storeId == null) {
      throw new IllegalArgumentException("docId needs a storeId: a new store has no documents");
    }
    var replace = params.path("replaceExisting").asBoolean(false);
    if (replace && docId == null) {
      throw new IllegalArgumentException("replaceExisting needs a docId: what is to be replaced");
    }
    var request =
        new UpsertRequest(
            storeId,
            docStore,
            docId,
            replace,
            metadata(params),
            component(params, "loader", docId != null),
            component(params, "splitter", docId != null),
            component(params, "embedding", storeId != null),
            component(params, "vectorStore", storeId != null));
    if (docId == null && request.loader() == null) {
      throw new IllegalArgumentException("loader {name, config} is missing; or name a docId");
    }
    if (docStore != null && (request.embedding() == null || request.vectorStore() == null)) {
      throw new IllegalArgumentException(
          "a new store needs both embedding {name, config} and vectorStore {name, config}");
    }
    return request;
  }

  private static @Nullable UUID id(ObjectNode params, String name) {
    var value = params.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    return RowId.parse(value.asString(""))
        .orElseThrow(() -> new IllegalArgumentException(name + " is no id"));
  }

  private static @Nullable NewStore docStore(ObjectNode params) {
    var value = params.path("docStore");
    if (value.isMissingNode() || value.isNull()) {
      if (params.path("createNewDocStore").asBoolean(false)) {
        throw new IllegalArgumentException("createNewDocStore needs docStore {name, description?}");
      }
      return null;
    }
    var name = value.path("name").asString("").strip();
    if (name.isEmpty()) {
      throw new IllegalArgumentException("docStore has to be an object {name, description?}");
    }
    return new NewStore(name, value.path("description").asString(""));
  }

  private static ObjectNode metadata(ObjectNode params) {
    var value = params.path("metadata");
    if (value.isString()) {
      value = Json.readOrMissing(value.stringValue());
    } else if (value.isMissingNode() || value.isNull()) {
      value = Json.object();
    }
    if (!(value instanceof ObjectNode object)) {
      throw new IllegalArgumentException("metadata has to be an object");
    }
    return object;
  }

  private static @Nullable Component component(ObjectNode params, String name, boolean nameless) {
    JsonNode value = params.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (nameless
        && value.path("name").isMissingNode()
        && value.path("config") instanceof ObjectNode config) {
      return new Component("", config);
    }
    return Component.of(value, name);
  }
}
