package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Searches with patterns that users wrote, and gives up on those that would search for ever: a
 * search may look at no more characters than the budget.
 */
final class Regex {
  /** Some tenths of a second. */
  private static final int BUDGET = 20_000_000;

  private static final int LONGEST_PATTERN = 2_000;

  private Regex() {}

  /**
   * Tells whether a pattern occurs in a text; an invalid pattern does not.
   *
   * @throws FlowException when the search takes too long
   */
  static boolean finds(String pattern, String text) {
    if (pattern.length() > LONGEST_PATTERN) {
      throw tooExpensive(pattern.substring(0, 50) + "…");
    }
    try {
      return Pattern.compile(pattern).matcher(new Metered(text, new int[] {BUDGET})).find();
    } catch (PatternSyntaxException e) {
      return false;
    } catch (StackOverflowError | OutOfBudget e) {
      throw tooExpensive(pattern);
    }
  }

  private static FlowException tooExpensive(String pattern) {
    return new FlowException(
        "The regular expression \""
            + pattern
            + "\" takes too long on this text: avoid repetitions inside repetitions.");
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
