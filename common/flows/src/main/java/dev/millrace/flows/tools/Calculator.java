package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolSpec;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.ObjectNode;

/** Does arithmetic; an expression that it does not understand is answered with words. */
final class Calculator implements Tool {
  private static final ToolSpec SPEC =
      new ToolSpec(
          "calculator",
          "Computes an arithmetic expression. Call it for every calculation instead of computing"
              + " in your head. It knows + - * / % ^, brackets, pi, e, and functions"
              + " such as sqrt, abs, round, min, max, log, sin.",
          Schemas.text("input", "the expression, e.g. (3 + 4) * 2^10 / sqrt(16)"));

  @Override
  public ToolSpec spec() {
    return SPEC;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    try {
      double value = new Arithmetic(arguments.path("input").asString("")).value();
      return ToolResult.text(shown(value));
    } catch (ArithmeticException e) {
      return ToolResult.text("I cannot compute that: " + e.getMessage());
    }
  }

  /** Without the tail that binary fractions leave: 0.1 + 0.2 is 0.3. */
  private static String shown(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "not a number" : value > 0 ? "Infinity" : "-Infinity";
    }
    double tidy = Double.parseDouble(String.format(java.util.Locale.ROOT, "%.14e", value));
    return JsonText.of(
        Math.abs(tidy) < 1e15 && tidy == Math.rint(tidy)
            ? Json.object().put("n", (long) tidy).path("n")
            : DoubleNode.valueOf(tidy));
  }
}
