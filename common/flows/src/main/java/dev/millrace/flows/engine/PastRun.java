package dev.millrace.flows.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run that is taken up again has behind it, canvas by canvas. Immutable. */
final class PastRun {
  private final Past past;
  private final Map<String, List<JournalEntry>> byPrefix = new HashMap<>();
  private final Map<String, JournalEntry> byKey = new HashMap<>();

  PastRun(Past past) {
    this.past = past;
    for (JournalEntry entry : past.entries()) {
      String prefix = entry.key().substring(0, entry.key().lastIndexOf('/') + 1);
      byPrefix.computeIfAbsent(prefix, key -> new ArrayList<>()).add(entry);
      byKey.put(entry.key(), entry);
    }
  }

  /** Returns what was executed on one canvas, in the order in which it ended. */
  List<JournalEntry> on(String prefix) {
    return byPrefix.getOrDefault(prefix, List.of());
  }

  /** Returns the records of some executions. */
  List<Trail.Told> told(List<String> keys) {
    var told = new ArrayList<Trail.Told>();
    for (String key : keys) {
      JournalEntry entry = byKey.get(key);
      if (entry != null) {
        told.add(new Trail.Told(key, entry.record()));
      }
    }
    return told;
  }

  /** Returns what a human said to a pause, null when that is still open. */
  @Nullable HumanAnswer answer(JournalEntry pause) {
    Past.Answer answer = past.answer();
    if (answer == null
        || !answer.key().equals(pause.key())
        || !(pause.outcome() instanceof JournalEntry.Outcome.Paused(var checkpoint))) {
      return null;
    }
    String feedback = answer.humanInput().path("feedback").asString("");
    return new HumanAnswer(
        answer.humanInput().path("type").asString(""),
        feedback.isEmpty() ? null : feedback,
        pause.record(),
        checkpoint);
  }

  /** Returns a conversation as it is after the pauses that the run had. */
  List<ChatTurn> asTold(List<ChatTurn> said) {
    return Questions.asTold(said, past.told());
  }
}
