package dev.millrace.pgjobs.cron;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads JSON5 (spec.json5.org): JSON with comments, unquoted names, single quotes, trailing commas
 * and more ways to write numbers. PostgreSQL's json has neither Infinity nor NaN, so these are
 * refused.
 */
final class Json5 {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int MAX_DEPTH = 100;
  private static final int MAX_EXPONENT = 400;

  private final String text;
  private int at;
  private int depth;

  private Json5(String text) {
    this.text = text;
  }

  /**
   * Reads a value and nothing after it.
   *
   * @throws IllegalArgumentException with the place of what is wrong
   */
  static JsonNode parse(String text) {
    var reader = new Json5(text);
    var value = reader.value();
    reader.skip();
    if (reader.at < text.length()) {
      throw reader.wrong("nothing may follow");
    }
    return value;
  }

  private JsonNode value() {
    skip();
    return switch (peek()) {
      case '{' -> nested(this::object);
      case '[' -> nested(this::array);
      case '"', '\'' -> NODES.stringNode(string());
      default -> Character.isLetter(peek()) ? word() : number();
    };
  }

  private JsonNode nested(java.util.function.Supplier<JsonNode> part) {
    if (++depth > MAX_DEPTH) {
      throw wrong("more than " + MAX_DEPTH + " levels");
    }
    at++;
    var node = part.get();
    at++;
    depth--;
    return node;
  }

  private ObjectNode object() {
    var node = NODES.objectNode();
    list(
        '}',
        () -> {
          var name = peek() == '"' || peek() == '\'' ? string() : name();
          skip();
          expect(':');
          node.set(name, value());
          return true;
        });
    return node;
  }

  private ArrayNode array() {
    var node = NODES.arrayNode();
    list(
        ']',
        () -> {
          node.add(value());
          return true;
        });
    return node;
  }

  /** Reads elements with commas between them, and one after them if it is there. */
  private void list(char end, BooleanSupplier element) {
    skip();
    while (peek() != end) {
      var _ = element.getAsBoolean();
      skip();
      if (peek() == ',') {
        at++;
        skip();
      } else if (peek() != end) {
        throw wrong("',' or '" + end + "' is wanted");
      }
    }
  }

  private JsonNode word() {
    var word = name();
    return switch (word) {
      case "true" -> NODES.booleanNode(true);
      case "false" -> NODES.booleanNode(false);
      case "null" -> NODES.nullNode();
      default -> throw wrong("'" + word + "' is no value");
    };
  }

  private String name() {
    var start = at;
    while (at < text.length()
        && (Character.isUnicodeIdentifierPart(peek()) || peek() == '$' || peek() == '_')
        && !Character.isIdentifierIgnorable(peek())) {
      at++;
    }
    if (at == start || Character.isDigit(text.charAt(start))) {
      throw wrong("a name is wanted");
    }
    return text.substring(start, at);
  }

  private JsonNode number() {
    var start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(peek()) || "+-.".indexOf(peek()) >= 0)) {
      at++;
    }
    var digits = text.substring(start, at);
    var isNegative = digits.startsWith("-");
    var plain = isNegative || digits.startsWith("+") ? digits.substring(1) : digits;
    try {
      if (plain.startsWith("0x") || plain.startsWith("0X")) {
        var hex = new BigInteger(requireDigit(plain.substring(2)), 16);
        return NODES.numberNode(isNegative ? hex.negate() : hex);
      }
      var number = new BigDecimal(requireDigit(plain.replaceFirst("\\.(?=$|[eE])", "")));
      if (Math.abs((long) number.precision() - number.scale()) > MAX_EXPONENT) {
        throw wrong("the number is too large or too small");
      }
      var signed = isNegative ? number.negate() : number;
      return plain.matches("[0-9]+")
          ? NODES.numberNode(signed.toBigInteger())
          : NODES.numberNode(signed);
    } catch (NumberFormatException e) {
      at = start;
      throw wrong(digits.isEmpty() ? "a value is wanted" : "'" + digits + "' is no number");
    }
  }

  private static String requireDigit(String digits) {
    // Signs would come twice.
    if (digits.isEmpty() || digits.startsWith("+") || digits.startsWith("-")) {
      throw new NumberFormatException(digits);
    }
    return digits;
  }

  private String string() {
    var quote = text.charAt(at++);
    var value = new StringBuilder();
    while (peek() != quote) {
      var c = text.charAt(at++);
      if (c == '\\') {
        escape(value);
      } else if (c == '\n' || c == '\r') {
        throw wrong("a string does not end");
      } else {
        value.append(c);
      }
    }
    at++;
    return value.toString();
  }

  private void escape(StringBuilder value) {
    var c = peek();
    at++;
    switch (c) {
      case 'n' -> value.append('\n');
      case 't' -> value.append('\t');
      case 'r' -> value.append('\r');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'v' -> value.append('\u000B');
      case '0' -> throw wrong("PostgreSQL cannot store the character 0");
      case 'x' -> value.append(hex(2));
      case 'u' -> value.append(hex(4));
      case '\n', '\u2028', '\u2029' -> {
        // The line goes on.
      }
      default -> value.append(c);
    }
  }

  private char hex(int digits) {
    try {
      var code = Integer.parseUnsignedInt(text, at, at + digits, 16);
      at += digits;
      if (code == 0) {
        throw wrong("PostgreSQL cannot store the character 0");
      }
      return (char) code;
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw wrong(digits + " hexadecimal digits are wanted");
    }
  }

  /** Goes to what is neither space nor comment. */
  private void skip() {
    while (at < text.length()) {
      var c = text.charAt(at);
      if (Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\uFEFF') {
        at++;
      } else if (text.startsWith("//", at)) {
        var end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        var end = text.indexOf("*/", at + 2);
        if (end < 0) {
          throw wrong("a comment does not end");
        }
        at = end + 2;
      } else {
        return;
      }
    }
  }

  private void expect(char c) {
    if (peek() != c) {
      throw wrong("'" + c + "' is wanted");
    }
    at++;
  }

  private char peek() {
    if (at >= text.length()) {
      throw wrong("it ends too soon");
    }
    return text.charAt(at);
  }

  private IllegalArgumentException wrong(String why) {
    return new IllegalArgumentException("the JSON5 at character %d: %s".formatted(at + 1, why));
  }
}
