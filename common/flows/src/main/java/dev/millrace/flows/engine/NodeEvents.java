package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Takes the events of one execution of one node. Thread-safe. */
public interface NodeEvents {
  /** Hears nothing. */
  NodeEvents NONE =
      new NodeEvents() {
        @Override
        public void emit(FlowEvent event) {}

        @Override
        public boolean heard() {
          return false;
        }
      };

  void emit(FlowEvent event);

  /** Tells whether anybody hears, so that a costly payload need not be made. */
  boolean heard();

  default void emit(String name, JsonNode data) {
    emit(new FlowEvent(name, data));
  }

  /** Emits a piece of the answer. */
  default void token(String piece) {
    if (heard()) {
      emit("token", Json.text(piece));
    }
  }

  /**
   * The model wants tools called, or has none called: rows of {@code {tool, toolInput,
   * toolOutput}}.
   */
  default void calledTools(ArrayNode calls) {
    rows("calledTools", calls);
  }

  /** Tools were called: rows of {@code {tool, toolInput, toolOutput, error?}}. */
  default void usedTools(ArrayNode calls) {
    rows("usedTools", calls);
  }

  default void sourceDocuments(ArrayNode documents) {
    rows("sourceDocuments", documents);
  }

  default void artifacts(ArrayNode artifacts) {
    rows("artifacts", artifacts);
  }

  default void fileAnnotations(ArrayNode annotations) {
    rows("fileAnnotations", annotations);
  }

  /** What a model's answer cost: {@code {input_tokens, output_tokens, total_tokens, …}}. */
  default void usageMetadata(ObjectNode usage) {
    if (heard()) {
      emit("usageMetadata", usage);
    }
  }

  private void rows(String name, ArrayNode rows) {
    if (heard()) {
      emit(name, rows);
    }
  }
}
