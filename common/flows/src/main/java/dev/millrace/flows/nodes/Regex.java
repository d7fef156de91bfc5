package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.script.ScriptException;
import dev.millrace.flows.script.ScriptSandbox;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Searches with patterns of ECMAScript that users wrote. Those that {@link PlainPattern} can
 * translate are searched for here, with a budget of looks at the text; the others, and those that
 * exceed the budget, by the engine of scripts within the limits of a script.
 */
final class Regex {
  /** Some hundredths of a second. */
  private static final int BUDGET = 2_000_000;

  private static final int LONGEST_PATTERN = 2_000;

  private static final String SEARCH =
      """
      let pattern;
      try { pattern = new RegExp($pattern) } catch (e) { return false }
      return pattern.test($text);
      """;

  private final ScriptSandbox scripts;

  Regex(ScriptSandbox scripts) {
    this.scripts = scripts;
  }

  /**
   * Tells whether a pattern occurs in a text; an invalid pattern does not.
   *
   * @throws FlowException when the search takes too long
   */
  boolean finds(String pattern, String text, Cancellation cancellation) {
    if (pattern.length() > LONGEST_PATTERN) {
      throw tooExpensive(pattern.substring(0, 50) + "…", null);
    }
    Optional<Pattern> plain =
        PlainPattern.suits(text) ? PlainPattern.of(pattern) : Optional.empty();
    if (plain.isPresent()) {
      Matcher matcher = plain.get().matcher(new Metered(text, new int[] {BUDGET}));
      try {
        return matcher.find();
      } catch (StackOverflowError | OutOfBudget e) {
        cancellation.throwIfCancelled(); // the engine of scripts may find a shorter way
      }
    }
    return byScript(pattern, text, cancellation);
  }

  /** As {@link #finds}, always by the engine of scripts. */
  boolean byScript(String pattern, String text, Cancellation cancellation) {
    var globals = Map.of("$pattern", Json.text(pattern), "$text", Json.text(text));
    try {
      return scripts.run(new ScriptSandbox.Script(SEARCH, globals), cancellation).asBoolean(false);
    } catch (ScriptException e) {
      throw tooExpensive(pattern, e);
    }
  }

  private static FlowException tooExpensive(
      String pattern, @org.jspecify.annotations.Nullable ScriptException cause) {
    return new FlowException(
        "The regular expression \""
            + pattern
            + "\" takes too long on this text"
            + (cause == null ? "" : " (" + cause.getMessage() + ")")
            + ": avoid repetitions inside repetitions.",
        cause);
  }

  private static final class OutOfBudget extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutOfBudget() {
      super("out of budget", null, false, false);
    }
  }

  /** A text that counts how often it is looked at. */
  private record Metered(CharSequence text, int[] budget) implements CharSequence {
    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (--budget[0] < 0) {
        throw new OutOfBudget();
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Metered(text.subSequence(start, end), budget);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
