package dev.millrace.flows.model;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What flows of a workspace find there, as an export holds it: rows of Flowise's tables.
 *
 * @param tools {@code {id, name, description, color, iconSrc, schema, func}}
 * @param variables {@code {id, name, type, value}}; exports leave the values out
 * @param documentStores {@code {id, name, description, vectorStoreConfig, embeddingConfig, …}}
 * @param chunks the pieces of their documents: {@code {storeId, docId, chunkNo, pageContent,
 *     metadata}}
 */
public record WorkspaceParts(
    List<ObjectNode> tools,
    List<ObjectNode> variables,
    List<ObjectNode> documentStores,
    List<ObjectNode> chunks) {
  public WorkspaceParts {
    tools = List.copyOf(tools);
    variables = List.copyOf(variables);
    documentStores = List.copyOf(documentStores);
    chunks = List.copyOf(chunks);
  }

  /** Returns what a file holds besides flows; a tool template is a tool without an id. */
  public static WorkspaceParts of(JsonNode file) {
    if (file instanceof ObjectNode tool && tool.path("func").isString() && tool.has("schema")) {
      return new WorkspaceParts(List.of(tool), List.of(), List.of(), List.of());
    }
    return new WorkspaceParts(
        rows(file, "Tool"),
        rows(file, "Variable"),
        rows(file, "DocumentStore"),
        rows(file, "DocumentStoreFileChunk"));
  }

  /** Tells whether there is nothing. */
  public boolean isEmpty() {
    return tools.isEmpty() && variables.isEmpty() && documentStores.isEmpty() && chunks.isEmpty();
  }

  private static List<ObjectNode> rows(JsonNode file, String section) {
    var rows = new ArrayList<ObjectNode>();
    for (JsonNode row : file.path(section)) {
      if (row instanceof ObjectNode object) {
        rows.add(object);
      }
    }
    return rows;
  }
}
