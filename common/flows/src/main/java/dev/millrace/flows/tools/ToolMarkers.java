package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads what tools hide in their text: behind a marker of Flowise follow documents, artifacts or
 * arguments as JSON. What follows a marker and is not that JSON stays part of the text.
 */
final class ToolMarkers {
  private static final String DOCUMENTS = "\n\n----FLOWISE_SOURCE_DOCUMENTS----\n\n";
  private static final String ARTIFACTS = "\n\n----FLOWISE_ARTIFACTS----\n\n";
  private static final String ARGUMENTS = "\n\n----FLOWISE_TOOL_ARGS----\n\n";
  private static final String SHARED = "\n\n----FLOWISE_";

  private ToolMarkers() {}

  static ToolResult split(ToolResult result) {
    String text = result.text();
    ArrayNode documents = result.sourceDocuments().deepCopy();
    ArrayNode artifacts = result.artifacts().deepCopy();
    ObjectNode arguments = result.arguments();
    // The last first: what comes before it ends where it begins.
    for (int at = text.lastIndexOf(SHARED); at >= 0; at = text.lastIndexOf(SHARED, at - 1)) {
      JsonNode read = behind(text, at, DOCUMENTS);
      JsonNode pictures = behind(text, at, ARTIFACTS);
      JsonNode given = behind(text, at, ARGUMENTS);
      if (read instanceof ArrayNode rows) {
        documents.addAll(rows);
      } else if (pictures instanceof ArrayNode rows) {
        artifacts.addAll(rows);
      } else if (given instanceof ObjectNode object) {
        arguments = object;
      } else {
        continue;
      }
      text = text.substring(0, at);
    }
    return new ToolResult(text, documents, artifacts, arguments);
  }

  private static @Nullable JsonNode behind(String text, int at, String marker) {
    return text.startsWith(marker, at)
        ? Json.readOrMissing(text.substring(at + marker.length()))
        : null;
  }
}
