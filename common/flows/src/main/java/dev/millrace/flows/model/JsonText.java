package dev.millrace.flows.model;

import java.math.BigDecimal;
import tools.jackson.databind.JsonNode;

/** JSON values as text, the way JavaScript shows them, so that prompts and answers read alike. */
public final class JsonText {
  private JsonText() {}

  /** Returns a value as a template inserts it: text as it is, containers as compact JSON. */
  public static String of(JsonNode value) {
    if (value.isString()) {
      return value.stringValue();
    }
    if (value.isNumber()) {
      return number(value);
    }
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    return value.toString();
  }

  /** Writes a value with an indentation of two blanks, empty containers closed at once. */
  static String pretty(JsonNode value) {
    var out = new StringBuilder();
    write(value, 0, out);
    return out.toString();
  }

  private static void write(JsonNode value, int depth, StringBuilder out) {
    if (value.isObject() && !value.isEmpty()) {
      String separator = "{";
      for (var member : value.properties()) {
        line(out.append(separator), depth + 1).append(Json.text(member.getKey())).append(": ");
        write(member.getValue(), depth + 1, out);
        separator = ",";
      }
      line(out, depth).append('}');
    } else if (value.isArray() && !value.isEmpty()) {
      String separator = "[";
      for (JsonNode item : value) {
        write(item, depth + 1, line(out.append(separator), depth + 1));
        separator = ",";
      }
      line(out, depth).append(']');
    } else {
      out.append(value.isNumber() ? number(value) : value.toString());
    }
  }

  private static StringBuilder line(StringBuilder out, int depth) {
    return out.append('\n').repeat("  ", depth);
  }

  private static String number(JsonNode value) {
    if (value.isIntegralNumber()) {
      return value.toString();
    }
    double number = value.doubleValue();
    if (!Double.isFinite(number)) {
      return Double.toString(number);
    }
    double size = Math.abs(number);
    if (size == 0) {
      return "0";
    }
    if (size >= 1e21 || size < 1e-6) {
      String digits = Double.toString(number).replace(".0E", "E");
      int exponent = digits.indexOf('E') + 1;
      String sign = digits.charAt(exponent) == '-' ? "" : "+";
      return digits.substring(0, exponent - 1) + "e" + sign + digits.substring(exponent);
    }
    return new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
  }
}
