package dev.millrace.flows.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run has behind it when it is taken up again, after its worker died or after a human
 * answered.
 *
 * @param ended how it ended, when all that is missing is that somebody was told; else null
 * @param entries what it executed, in the order in which that was journalled
 * @param answer what a human said to one of its open questions, or null
 * @param told the messages of this run that are in the store: those of its earlier pauses
 */
public record Past(
    @Nullable RunResult ended,
    List<JournalEntry> entries,
    @Nullable Answer answer,
    List<ChatTurn> told) {
  /** Of a run that has not been begun. */
  public static final Past NONE = new Past(null, List.of(), null, List.of());

  /**
   * The answer of a human.
   *
   * @param key of the execution that asked
   * @param humanInput {@code {type, startNodeId?, feedback?}} as received
   */
  public record Answer(String key, ObjectNode humanInput) {}

  public Past {
    entries = List.copyOf(entries);
    told = List.copyOf(told);
  }

  boolean isNone() {
    return entries.isEmpty() && ended == null && answer == null;
  }
}
