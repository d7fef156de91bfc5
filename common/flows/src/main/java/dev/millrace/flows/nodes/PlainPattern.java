package dev.millrace.flows.nodes;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Patterns of ECMAScript that can be translated for {@link Pattern} so that they find the same:
 * ASCII, classes, groups, alternatives, anchors and quantifiers. No assertions, references or
 * escapes of which the two languages think differently, and none of what only one of them forbids.
 */
final class PlainPattern {
  private static final String CLASSES = "dDwW";
  private static final String CONTROLS = "tnrf";
  private static final int MOST_REPEATS = 1000;

  private final String given;
  private final StringBuilder java = new StringBuilder();
  private int at;

  private PlainPattern(String given) {
    this.given = given;
  }

  /** Returns the translation; nothing when there is none that finds exactly the same. */
  static Optional<Pattern> of(String pattern) {
    var plain = new PlainPattern(pattern);
    try {
      return plain.translate()
          ? Optional.of(Pattern.compile(plain.java.toString()))
          : Optional.empty();
    } catch (PatternSyntaxException e) {
      return Optional.empty();
    }
  }

  /** Tells whether texts have characters that one language counts as one and the other as two. */
  static boolean suits(String text) {
    return text.chars().noneMatch(c -> Character.isSurrogate((char) c));
  }

  private boolean translate() {
    boolean repeatable = false;
    while (at < given.length()) {
      char c = given.charAt(at++);
      switch (c) {
        case '*', '+', '?', '{' -> {
          at--;
          if (!repeatable || !quantifier()) {
            return false;
          }
          repeatable = false;
        }
        case '(' -> {
          if (!group()) {
            return false;
          }
          repeatable = false;
        }
        case '[' -> {
          if (!set()) {
            return false;
          }
          repeatable = true;
        }
        case '^', '|' -> {
          java.append(c);
          repeatable = false;
        }
        case '$' -> {
          java.append("\\z");
          repeatable = false;
        }
        case '\\' -> {
          boolean boundary = at < given.length() && "bB".indexOf(given.charAt(at)) >= 0;
          if (boundary) {
            java.append('\\').append(given.charAt(at++));
          } else if (!escape()) {
            return false;
          }
          repeatable = !boundary;
        }
        case '.' -> {
          java.append("[^\\n\\r\\u2028\\u2029]");
          repeatable = true;
        }
        case ']', '}' -> {
          return false;
        }
        default -> {
          if (c < ' ' || c > '~') {
            return false;
          }
          java.append(c);
          repeatable = true;
        }
      }
    }
    return true;
  }

  private boolean group() {
    java.append('(');
    if (at < given.length() && given.charAt(at) == '?') {
      if (!given.startsWith("?:", at)) {
        return false;
      }
      java.append("?:");
      at += 2;
    }
    return true;
  }

  private boolean quantifier() {
    int from = at;
    if (given.charAt(at++) == '{') {
      int end = given.indexOf('}', at);
      if (end < 0 || !given.substring(at, end).matches("\\d{1,4}(,\\d{0,4})?")) {
        return false;
      }
      for (String bound : given.substring(at, end).split(",", -1)) {
        if (!bound.isEmpty() && Integer.parseInt(bound) > MOST_REPEATS) {
          return false;
        }
      }
      at = end + 1;
    }
    if (at < given.length() && given.charAt(at) == '?') {
      at++;
    }
    java.append(given, from, at);
    // What Java takes for a possessive quantifier is an error there.
    return at == given.length() || "*+?{".indexOf(given.charAt(at)) < 0;
  }

  /** Translates what follows a backslash. */
  private boolean escape() {
    if (at == given.length()) {
      return false;
    }
    char c = given.charAt(at++);
    java.append('\\').append(c);
    boolean letter = Character.isLetterOrDigit(c);
    return c > ' ' && c <= '~' && (!letter || CLASSES.indexOf(c) >= 0 || CONTROLS.indexOf(c) >= 0);
  }

  /** Translates {@code [...]}. */
  private boolean set() {
    java.append('[');
    if (at < given.length() && given.charAt(at) == '^') {
      java.append('^');
      at++;
    }
    boolean empty = true;
    boolean afterClass = false;
    while (at < given.length()) {
      char c = given.charAt(at++);
      if (c == ']') {
        java.append(']');
        return !empty;
      }
      empty = false;
      if (c == '\\') {
        boolean afterDash = java.charAt(java.length() - 1) == '-';
        boolean isClass = at < given.length() && CLASSES.indexOf(given.charAt(at)) >= 0;
        if (!escape() || (isClass && afterDash)) {
          return false;
        }
        afterClass = isClass;
        continue;
      }
      if (c < ' ' || c > '~' || c == '[' || c == '&' || c == '^' || (c == '-' && afterClass)) {
        return false;
      }
      java.append(c);
      afterClass = false;
    }
    return false;
  }
}
