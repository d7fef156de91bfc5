package dev.millrace.platform.cli;

import dev.millrace.flows.engine.HumanAnswer;
import dev.millrace.flows.model.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a human says to a flow that asks: {@code proceed} or {@code reject}, with a word or not. */
final class Reply {
  private Reply() {}

  /** Reads {@code proceed: a word}. */
  static ObjectNode read(String written) {
    int colon = written.indexOf(':');
    var type = (colon < 0 ? written : written.substring(0, colon)).strip();
    if (!List.of(HumanAnswer.PROCEED, HumanAnswer.REJECT).contains(type)) {
      throw new CliException(
          "\"" + written + "\" is no answer: say proceed or reject, and : with what you add");
    }
    var answer = Json.object().put("type", type);
    return colon < 0 ? answer : answer.put("feedback", written.substring(colon + 1).strip());
  }

  /** Reads the answers of a case: texts as above, or {@code {type, feedback}}. */
  static List<ObjectNode> all(JsonNode answers) {
    return answers
        .valueStream()
        .map(one -> one instanceof ObjectNode object ? object : read(one.asString("")))
        .toList();
  }
}
