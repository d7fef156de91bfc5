package dev.millrace.flows.engine;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Habits of Flowise that can be kept or dropped. Kept by default are those on which exported
 * prompts and flows depend; the others are corrected (specification §9.1).
 */
public enum Compat {
  LAST_SCENARIO_FALLBACK(
      true, "an answer of a Condition Agent that names no scenario takes the last one, else fails"),
  LOOP_COUNT_MINUS_ONE(true, "a Loop node with a maximum of 5 goes back 4 times, else 5"),
  HTTP_STATUS_IS_SUCCESS(
      true, "an HTTP node is content with every status, else 400 and above fail it"),
  TOOL_ERROR_ABORTS(false, "a tool that fails ends the run, else the model is told"),
  UNRESOLVED_STAYS_LITERAL(
      true, "a reference that nothing resolves stays as written, else it is empty"),
  PREVIOUS_ANSWER_AS_USER(
      true, "answers join the conversation as each node says, else always as the assistant's"),
  SEQUENTIAL_BRANCHES(false, "the nodes of a run execute one at a time, else side by side"),
  EMPTY_ANSWER_IS_SPACE(true, "an answer without text is a single blank, else it is empty"),
  SYSTEM_MESSAGES_REVERSED(
      false, "several system messages reach the model last first, else in their order");

  /** The switches that are on when nobody says otherwise. */
  public static final Set<Compat> DEFAULTS =
      Arrays.stream(values()).filter(Compat::isDefault).collect(Collectors.toUnmodifiableSet());

  private final boolean isDefault;
  private final String meaning;

  Compat(boolean isDefault, String meaning) {
    this.isDefault = isDefault;
    this.meaning = meaning;
  }

  /** Tells whether it is on when nobody says otherwise. */
  public boolean isDefault() {
    return isDefault;
  }

  /** Returns what it means to be on, and what else, for people who configure it. */
  public String meaning() {
    return meaning;
  }
}
