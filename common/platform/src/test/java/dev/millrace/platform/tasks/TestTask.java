package dev.millrace.platform.tasks;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A kind of task that a test writes as a lambda. */
record TestTask(String name, int attempts, Body body) implements TaskType {
  interface Body {
    @Nullable JsonNode run(ObjectNode params, TaskContext context) throws Exception;
  }

  TestTask(String name, Body body) {
    this(name, 3, body);
  }

  @Override
  public @Nullable JsonNode run(ObjectNode params, TaskContext context) throws Exception {
    return body.run(params, context);
  }
}
