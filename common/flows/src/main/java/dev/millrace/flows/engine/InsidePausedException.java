package dev.millrace.flows.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Ends the execution of a container in which something asked a human; it is repeated later. */
final class InsidePausedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, ObjectNode> questions;

  /**
   * @param questions what is asked, by the key of the execution that asks, in order
   */
  InsidePausedException(Map<String, ObjectNode> questions) {
    super("a node inside waits for a human", null, false, false);
    this.questions = new LinkedHashMap<>(questions);
  }

  Map<String, ObjectNode> questions() {
    return questions;
  }
}
