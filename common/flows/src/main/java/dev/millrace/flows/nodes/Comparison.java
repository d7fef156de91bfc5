package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.expression.MarkdownText;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One row of a Condition node: {@code {type, value1, operation, value2}} (§4.6). */
final class Comparison {
  private static final Pattern LEADING_NUMBER =
      Pattern.compile("^\\s*([+-]?(?:\\d{1,400}(?:\\.\\d*)?|\\.\\d{1,400})(?:[eE][+-]?\\d{1,4})?)");

  private Comparison() {}

  /**
   * Tells whether a row holds.
   *
   * @param finds whether a pattern occurs in a text
   */
  static boolean holds(ObjectNode row, BiPredicate<String, String> finds) {
    String operation = row.path("operation").asString("");
    JsonNode left = row.path("value1");
    JsonNode right = row.path("value2");
    return switch (row.path("type").asString("")) {
      case "number" -> numbers(operation, left, right);
      case "boolean" -> truths(operation, left, right);
      default -> texts(operation, left, right, finds);
    };
  }

  private static boolean texts(
      String operation, JsonNode left, JsonNode right, BiPredicate<String, String> finds) {
    String rawLeft = text(left);
    String rawRight = text(right);
    String a = MarkdownText.plain(rawLeft);
    String b = MarkdownText.plain(rawRight);
    return switch (operation) {
      case "contains" -> rawLeft.contains(rawRight) || a.contains(b);
      case "notContains" -> !rawLeft.contains(rawRight) && !a.contains(b);
      case "startsWith" -> rawLeft.startsWith(rawRight) || a.startsWith(b);
      case "endsWith" -> rawLeft.endsWith(rawRight) || a.endsWith(b);
      case "equal" -> rawLeft.equals(rawRight) || a.equals(b);
      case "notEqual" -> !rawLeft.equals(rawRight) && !a.equals(b);
      case "regex" -> {
        String pattern = unescaped(rawRight);
        yield finds.test(pattern, rawLeft) || (!a.equals(rawLeft) && finds.test(pattern, a));
      }
      case "isEmpty" -> a.isEmpty();
      case "notEmpty" -> !a.isEmpty();
      default -> throw unknown("string", operation);
    };
  }

  private static boolean numbers(String operation, JsonNode left, JsonNode right) {
    double a = number(left);
    double b = number(right);
    return switch (operation) {
      case "smaller" -> a < b;
      case "smallerEqual" -> a <= b;
      case "equal" -> a == b;
      case "notEqual" -> a != b;
      case "larger" -> a > b;
      case "largerEqual" -> a >= b;
      // Flowise turns an absent number into 0 first and so never finds it empty.
      case "isEmpty" -> isUnset(left);
      case "notEmpty" -> !isUnset(left);
      default -> throw unknown("number", operation);
    };
  }

  private static boolean truths(String operation, JsonNode left, JsonNode right) {
    return switch (operation) {
      case "equal" -> left.equals(right);
      case "notEqual" -> !left.equals(right);
      default -> throw unknown("boolean", operation);
    };
  }

  private static String text(JsonNode value) {
    return Json.isFalsy(value) ? "" : JsonText.of(value);
  }

  private static boolean isUnset(JsonNode value) {
    return value.isMissingNode() || value.isNull() || JsonText.of(value).isBlank();
  }

  /** Reads the number at the beginning of a text, as JavaScript does; 0 when there is none. */
  private static double number(JsonNode value) {
    if (value.isNumber()) {
      return value.doubleValue();
    }
    Matcher number = LEADING_NUMBER.matcher(JsonText.of(value));
    return number.find() ? Double.parseDouble(number.group(1)) : 0;
  }

  /** The editor escapes these when it stores a pattern. */
  private static String unescaped(String pattern) {
    return pattern
        .replace("\\\\", "\\")
        .replace("\\[", "[")
        .replace("\\]", "]")
        .replace("\\*", "*");
  }

  private static FlowException unknown(String type, String operation) {
    return new FlowException(
        String.format(
            Locale.ROOT,
            "A condition of type %s has the unknown operation \"%s\": choose another.",
            type,
            operation));
  }
}
