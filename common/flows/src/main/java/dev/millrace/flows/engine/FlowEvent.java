package dev.millrace.flows.engine;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One event of a run's stream, as Flowise names them: {@code token}, {@code nextAgentFlow}, …
 *
 * @param name the event's name
 * @param data its payload; must not be changed after the event was emitted
 * @param duration seconds a {@code thinking} phase took, on its last event only
 */
public record FlowEvent(String name, JsonNode data, @Nullable Long duration) {
  public FlowEvent(String name, JsonNode data) {
    this(name, data, null);
  }
}
