package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.EmbeddingModels;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A component of a flow or a document store: its name, its inputs, and its credential, in which
 * what is absent from the inputs may be.
 *
 * @param owner the title of the node and its input, for messages
 */
record StoreConfig(String name, ObjectNode inputs, ObjectNode credential, String owner) {
  private static final Set<String> POSTGRES = Set.of("postgres", "pgvector");
  private static final Set<String> IN_MEMORY = Set.of("", "memoryVectorStore", "faiss");

  /**
   * Reads one.
   *
   * @param credentials finds the decrypted credential of an id, which may be ""
   */
  static StoreConfig of(
      String name, ObjectNode inputs, String owner, Function<String, ObjectNode> credentials) {
    String id = inputs.path("FLOWISE_CREDENTIAL_ID").asString("");
    id = id.isEmpty() ? inputs.path("credential").asString("") : id;
    return new StoreConfig(name, inputs, credentials.apply(id), owner);
  }

  static Set<String> supported() {
    return Set.of("postgres", "qdrant", "memoryVectorStore", "faiss");
  }

  /** Returns whether its vectors are made of the stored pieces when they are asked for. */
  boolean isInMemory() {
    return IN_MEMORY.contains(name);
  }

  boolean isPostgres() {
    return POSTGRES.contains(name);
  }

  boolean isQdrant() {
    return name.equals("qdrant");
  }

  /** Returns the embedding model that it is. */
  EmbeddingModels.Model model(EmbeddingModels embeddings) {
    if (!embeddings.supported().contains(name)) {
      throw wrong(
          "this embedding model cannot be called here; supported: "
              + String.join(", ", embeddings.supported()));
    }
    return new EmbeddingModels.Model(name, inputs, credential);
  }

  /** Returns the table of PostgreSQL that it is. */
  SqlVectors.Table table() {
    return new SqlVectors.Table(
        text("host", ""),
        (int) number("port", 5432),
        text("database", ""),
        text("user", ""),
        text("password", ""),
        Boolean.parseBoolean(text("ssl", "false")),
        text("tableName", "documents"),
        text("contentColumnName", "pageContent"),
        text("distanceStrategy", "cosine"));
  }

  String text(String key, String otherwise) {
    JsonNode value = inputs.path(key);
    String text = value.isValueNode() ? JsonText.of(value).strip() : "";
    if (text.isEmpty()) {
      JsonNode secret = credential.path(key);
      text = secret.isValueNode() ? JsonText.of(secret).strip() : "";
    }
    return text.isEmpty() ? otherwise : text;
  }

  String required(String key) {
    String text = text(key, "");
    if (text.isEmpty()) {
      throw wrong(key + " is not set, neither in its settings nor in its credential");
    }
    return text;
  }

  double number(String key, double otherwise) {
    String text = text(key, "");
    try {
      return text.isEmpty() ? otherwise : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw wrong(key + " is \"" + text + "\", which is not a number");
    }
  }

  /** Returns an object, which may be JSON in text; an empty one when it is unset. */
  ObjectNode object(String key) {
    JsonNode value = inputs.path(key);
    if (value.isString() && !value.stringValue().isBlank()) {
      value = Json.readOrMissing(value.stringValue());
      if (!value.isObject()) {
        throw wrong(key + " is not a JSON object");
      }
    }
    return value instanceof ObjectNode object ? object : Json.object();
  }

  FlowException wrong(String what) {
    return new FlowException("\"" + name + "\" of " + owner + ": " + what + ".");
  }
}
