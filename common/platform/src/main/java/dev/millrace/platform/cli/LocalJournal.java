package dev.millrace.platform.cli;

import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.flows.engine.Past;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.node.ObjectNode;

/** Keeps what runs did for as long as this process lives, so that they can pause. Thread-safe. */
final class LocalJournal implements RunJournal {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<UUID, Map<String, JournalEntry>> entries = new HashMap<>(); // guarded by lock
  private final Map<UUID, RunResult> ended = new HashMap<>(); // guarded by lock

  @Override
  public void started(RunRequest run) {}

  @Override
  public Receipt nodeFinished(UUID runId, JournalEntry entry) {
    lock.lock();
    try {
      var run = entries.computeIfAbsent(runId, _ -> new LinkedHashMap<>());
      // A pause that was answered moves to where it was answered.
      run.remove(entry.key());
      run.put(entry.key(), entry);
      return Receipt.DURABLE;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Past past(UUID runId) {
    lock.lock();
    try {
      return new Past(ended.get(runId), entries(runId), null, List.of());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void finished(RunRequest run, RunResult result) {
    lock.lock();
    try {
      if (!result.resumable()) {
        ended.put(run.runId(), result);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns what a run has behind it whose latest open question was answered. */
  Past answered(UUID runId, ObjectNode humanInput) {
    lock.lock();
    try {
      var question =
          entries(runId).reversed().stream()
              .filter(JournalEntry::isPaused)
              .findFirst()
              .orElseThrow(() -> new CliException("the flow stopped, and nothing in it asks"));
      return new Past(null, entries(runId), new Past.Answer(question.key(), humanInput), List.of());
    } finally {
      lock.unlock();
    }
  }

  private List<JournalEntry> entries(UUID runId) {
    return List.copyOf(entries.getOrDefault(runId, Map.of()).values());
  }
}
