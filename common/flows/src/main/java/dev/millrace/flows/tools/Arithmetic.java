package dev.millrace.flows.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Computes one expression by recursive descent. Precedence, weakest first: {@code + -}, {@code * /
 * %}, sign, {@code ^} (from the right), {@code !}. Of one thread.
 */
final class Arithmetic {
  private static final int LONGEST = 10_000;
  private static final int DEEPEST = 200;

  private final String text;
  private int at;
  private int depth;

  Arithmetic(String text) {
    this.text = text;
  }

  /**
   * Returns the value.
   *
   * @throws ArithmeticException when it is no expression; says where
   */
  double value() {
    if (text.isBlank() || text.length() > LONGEST) {
      throw new ArithmeticException("the expression is empty or longer than " + LONGEST);
    }
    double value = sum();
    blanks();
    if (at < text.length()) {
      throw unexpected();
    }
    return value;
  }

  private double sum() {
    if (++depth > DEEPEST) {
      throw new ArithmeticException("more than " + DEEPEST + " brackets inside each other");
    }
    double value = product();
    while (true) {
      if (takes('+')) {
        value += product();
      } else if (takes('-')) {
        value -= product();
      } else {
        depth--;
        return value;
      }
    }
  }

  private double product() {
    double value = signed();
    while (true) {
      if (takes('*') || takes('×')) {
        value *= signed();
      } else if (takes('/') || takes('÷')) {
        value /= signed();
      } else if (takes('%')) {
        value = modulo(value);
      } else {
        return value;
      }
    }
  }

  /** A percent sign before an operand is "modulo", elsewhere "percent". */
  private double modulo(double value) {
    blanks();
    boolean operand =
        at < text.length()
            && (Character.isLetterOrDigit(text.charAt(at)) || ".(".indexOf(text.charAt(at)) >= 0);
    if (!operand) {
      return value / 100;
    }
    double by = signed();
    return value - by * Math.floor(value / by);
  }

  private double signed() {
    boolean negative = false;
    while (true) {
      if (takes('-')) {
        negative = !negative;
      } else if (!takes('+')) {
        double value = power();
        return negative ? -value : value;
      }
    }
  }

  private double power() {
    double base = factorial();
    if (takes('^') || takesBoth('*')) {
      if (++depth > DEEPEST) {
        throw new ArithmeticException("too many powers of powers");
      }
      double value = Math.pow(base, signed());
      depth--;
      return value;
    }
    return base;
  }

  private double factorial() {
    double value = atom();
    while (takes('!')) {
      if (value < 0 || value != Math.rint(value) || value > 170) {
        throw new ArithmeticException("a factorial needs a whole number from 0 to 170");
      }
      double product = 1;
      for (int factor = 2; factor <= value; factor++) {
        product *= factor;
      }
      value = product;
    }
    return value;
  }

  private double atom() {
    if (takes('(')) {
      double value = sum();
      expect(')');
      return value;
    }
    blanks();
    if (at == text.length()) {
      throw new ArithmeticException("the expression ends too early");
    }
    char first = text.charAt(at);
    if (Character.isDigit(first) || first == '.') {
      return number();
    }
    if (Character.isLetter(first)) {
      return named();
    }
    throw unexpected();
  }

  private double number() {
    int from = at;
    while (at < text.length()
        && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.' || exponent(from))) {
      at++;
    }
    try {
      return Double.parseDouble(text.substring(from, at));
    } catch (NumberFormatException e) {
      throw new ArithmeticException("\"" + text.substring(from, at) + "\" is not a number");
    }
  }

  private boolean exponent(int from) {
    char here = text.charAt(at);
    if (here == 'e' || here == 'E') {
      int next = at + 1;
      if (next < text.length() && "+-".indexOf(text.charAt(next)) >= 0) {
        next++;
      }
      return at > from && next < text.length() && Character.isDigit(text.charAt(next));
    }
    return "+-".indexOf(here) >= 0 && at > from && "eE".indexOf(text.charAt(at - 1)) >= 0;
  }

  private double named() {
    int from = at;
    while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
      at++;
    }
    String name = text.substring(from, at).toLowerCase(Locale.ROOT);
    if (takes('(')) {
      var arguments = new ArrayList<Double>();
      do {
        arguments.add(sum());
      } while (takes(','));
      expect(')');
      return function(name, arguments);
    }
    return switch (name) {
      case "pi" -> Math.PI;
      case "e" -> Math.E;
      case "tau" -> 2 * Math.PI;
      default -> throw new ArithmeticException("\"" + name + "\" is unknown");
    };
  }

  private static double function(String name, List<Double> arguments) {
    double first = arguments.getFirst();
    return switch (name) {
      case "sqrt" -> Math.sqrt(first);
      case "cbrt" -> Math.cbrt(first);
      case "abs" -> Math.abs(first);
      case "exp" -> Math.exp(first);
      case "ln" -> Math.log(first);
      case "log" ->
          arguments.size() > 1 ? Math.log(first) / Math.log(arguments.get(1)) : Math.log(first);
      case "log2" -> Math.log(first) / Math.log(2);
      case "log10" -> Math.log10(first);
      case "sin" -> Math.sin(first);
      case "cos" -> Math.cos(first);
      case "tan" -> Math.tan(first);
      case "asin" -> Math.asin(first);
      case "acos" -> Math.acos(first);
      case "atan" -> Math.atan(first);
      case "floor" -> Math.floor(first);
      case "ceil" -> Math.ceil(first);
      case "round" -> round(first, arguments.size() > 1 ? arguments.get(1) : 0);
      case "sign" -> Math.signum(first);
      case "pow" -> Math.pow(first, arguments.size() > 1 ? arguments.get(1) : 1);
      case "mod" -> first - arguments.getLast() * Math.floor(first / arguments.getLast());
      case "min" -> arguments.stream().mapToDouble(Double::doubleValue).min().orElse(first);
      case "max" -> arguments.stream().mapToDouble(Double::doubleValue).max().orElse(first);
      case "sum" -> arguments.stream().mapToDouble(Double::doubleValue).sum();
      case "mean", "avg" ->
          arguments.stream().mapToDouble(Double::doubleValue).average().orElse(first);
      default -> throw new ArithmeticException("the function \"" + name + "\" is unknown");
    };
  }

  private static double round(double value, double digits) {
    double factor = Math.pow(10, Math.clamp(digits, 0, 15));
    return Math.copySign(Math.floor(Math.abs(value) * factor + 0.5), value) / factor;
  }

  private void expect(char symbol) {
    if (!takes(symbol)) {
      throw new ArithmeticException("a '" + symbol + "' is missing at position " + (at + 1));
    }
  }

  private boolean takes(char symbol) {
    blanks();
    if (at >= text.length() || text.charAt(at) != symbol) {
      return false;
    }
    if (symbol == '*' && at + 1 < text.length() && text.charAt(at + 1) == '*') {
      return false; // a power
    }
    at++;
    return true;
  }

  private boolean takesBoth(char symbol) {
    blanks();
    boolean both =
        at + 1 < text.length() && text.charAt(at) == symbol && text.charAt(at + 1) == symbol;
    at += both ? 2 : 0;
    return both;
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private ArithmeticException unexpected() {
    return new ArithmeticException(
        "'" + text.charAt(at) + "' at position " + (at + 1) + " is not expected");
  }
}
