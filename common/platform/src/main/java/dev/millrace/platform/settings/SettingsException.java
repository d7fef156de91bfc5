package dev.millrace.platform.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The process cannot start with what was configured; the message lists every problem. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // an immutable list of records of strings
  private final List<Problem> problems;

  SettingsException(List<Problem> problems) {
    super(describe(problems));
    this.problems = List.copyOf(problems);
  }

  /** Returns all problems, in the order in which the variables are documented. */
  public List<Problem> problems() {
    return problems;
  }

  private static String describe(List<Problem> problems) {
    var count = problems.size() == 1 ? "one setting is" : problems.size() + " settings are";
    return problems.stream()
        .map(problem -> "\n  " + problem)
        .collect(Collectors.joining("", count + " wrong:", ""));
  }

  /**
   * One thing to repair.
   *
   * @param variable the variable, the flag as it was typed, or the file and line
   * @param found what is wrong about it, the value included unless it is a secret
   * @param accepted what would be right
   */
  public record Problem(String variable, String found, String accepted) {
    @Override
    public String toString() {
      return variable + " " + found + "; accepted: " + accepted;
    }
  }
}
