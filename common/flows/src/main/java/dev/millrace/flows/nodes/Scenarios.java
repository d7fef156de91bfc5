package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Finds out which scenario a model meant. */
final class Scenarios {
  private Scenarios() {}

  /**
   * Returns the index of the chosen scenario: the one that is equal to the answer but for its case,
   * else one that begins with it, else one that contains it or is contained in it, else the last.
   *
   * @param lastOtherwise whether the last is taken then, or the node fails
   * @param answer JSON with {@code output}, perhaps fenced; or a scenario and nothing else
   * @throws FlowException when the answer is neither
   */
  static int chosen(String answer, List<String> scenarios, String node, boolean lastOtherwise) {
    String said = output(answer);
    if (said.isEmpty()) {
      String bare = lower(answer);
      for (int index = 0; index < scenarios.size(); index++) {
        if (!bare.isEmpty() && lower(scenarios.get(index)).equals(bare)) {
          return index;
        }
      }
      String shown = answer.length() > 200 ? answer.substring(0, 200) + "…" : answer;
      throw new FlowException(
          "the model of node "
              + node
              + " did not answer with {\"output\": \"<scenario>\"} but with"
              + " \""
              + shown
              + "\"; choose another model, or make conditionAgentInstructions"
              + " clearer");
    }
    List<String> low = scenarios.stream().map(Scenarios::lower).toList();
    String wanted = lower(said);
    for (int index = 0; index < low.size(); index++) {
      if (low.get(index).equals(wanted)) {
        return index;
      }
    }
    for (int index = 0; index < low.size(); index++) {
      if (low.get(index).startsWith(wanted)) {
        return index;
      }
    }
    for (int index = 0; index < low.size(); index++) {
      String scenario = low.get(index);
      if (scenario.contains(wanted) || (!scenario.isEmpty() && wanted.contains(scenario))) {
        return index;
      }
    }
    if (!lastOtherwise) {
      throw new FlowException(
          "the model of node "
              + node
              + " chose \""
              + said
              + "\", which is none of its conditionAgentScenarios");
    }
    return low.size() - 1;
  }

  private static String output(String answer) {
    for (String text : List.of(answer.strip(), between(answer))) {
      JsonNode output = LenientJson.readOrMissing(text).path("output");
      if (output.isString()) {
        return output.stringValue().strip();
      }
    }
    return "";
  }

  private static String between(String answer) {
    int from = answer.indexOf('{');
    int to = answer.lastIndexOf('}');
    return from < 0 || to < from ? Json.write(Json.object()) : answer.substring(from, to + 1);
  }

  private static String lower(String text) {
    return text.strip().toLowerCase(Locale.ROOT);
  }
}
