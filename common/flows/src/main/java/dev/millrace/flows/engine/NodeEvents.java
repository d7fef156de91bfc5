package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import tools.jackson.databind.JsonNode;

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
}
