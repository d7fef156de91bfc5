package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a tool put out.
 *
 * @param text what the model is shown
 * @param sourceDocuments {@code {pageContent, metadata}} that the text was made of
 * @param artifacts files and pictures: {@code {type, data}}
 * @param arguments what it really worked with, when that is not what it was given; or null
 */
public record ToolResult(
    String text, ArrayNode sourceDocuments, ArrayNode artifacts, @Nullable ObjectNode arguments) {
  public static ToolResult text(String text) {
    return new ToolResult(text, Json.array(), Json.array(), null);
  }

  /**
   * Returns this with what Flowise's markers set off from the text in its place: {@code
   * ----FLOWISE_SOURCE_DOCUMENTS----}, {@code ----FLOWISE_ARTIFACTS----} and {@code
   * ----FLOWISE_TOOL_ARGS----}, each between blank lines and before its JSON.
   */
  public ToolResult split() {
    return text.contains("----FLOWISE_") ? ToolMarkers.split(this) : this;
  }
}
