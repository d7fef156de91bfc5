package dev.millrace.flows.expression;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Looks values up by a dotted path: {@code a.b[0].c}, {@code a.0.c}, {@code a["b c"]}. */
public final class Paths {
  private Paths() {}

  /** Returns the value at a path, a missing node when any step of it is missing. */
  public static JsonNode get(JsonNode value, String path) {
    return get(value, steps(path));
  }

  /** As {@link #get(JsonNode, String)}, of a path taken apart before. */
  static JsonNode get(JsonNode value, List<String> steps) {
    JsonNode at = value;
    for (String step : steps) {
      at = step(at, step);
    }
    return at;
  }

  /** Takes a path apart. */
  static List<String> steps(String path) {
    var steps = new ArrayList<String>();
    int begin = 0;
    int at = 0;
    while (at < path.length()) {
      char c = path.charAt(at);
      if (c != '.' && c != '[') {
        at++;
        continue;
      }
      if (at > begin) {
        steps.add(path.substring(begin, at));
      }
      int end = c == '[' ? path.indexOf(']', at) : -1;
      if (end > 0) {
        steps.add(unquoted(path.substring(at + 1, end)));
        at = end;
      }
      begin = ++at;
    }
    if (begin < path.length()) {
      steps.add(path.substring(begin));
    }
    return List.copyOf(steps);
  }

  private static JsonNode step(JsonNode at, String step) {
    if (at.isObject()) {
      return at.path(step);
    }
    if (!at.isArray()) {
      return MissingNode.getInstance();
    }
    boolean index =
        !step.isEmpty() && step.length() < 10 && step.chars().allMatch(c -> c >= '0' && c <= '9');
    return index ? at.path(Integer.parseInt(step)) : MissingNode.getInstance();
  }

  private static String unquoted(String step) {
    String trimmed = step.trim();
    boolean quoted =
        trimmed.length() > 1
            && (trimmed.startsWith("\"") || trimmed.startsWith("'"))
            && trimmed.charAt(0) == trimmed.charAt(trimmed.length() - 1);
    return quoted ? trimmed.substring(1, trimmed.length() - 1) : trimmed;
  }
}
