package dev.millrace.flows.retrieval;

import dev.millrace.flows.model.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A piece of a document.
 *
 * @param text its content
 * @param metadata where it is from; not changed
 * @param id in its store, null when it has none
 */
public record Piece(String text, ObjectNode metadata, @Nullable String id) {
  /** Returns {@code {pageContent, metadata, id?}}. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object().put("pageContent", text);
    json.set("metadata", metadata);
    return id == null ? json : json.put("id", id);
  }
}
