package dev.millrace.flows.fakes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.flows.engine.Past;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps journals in memory, as text like the real one, and can lose the latest entries. Thread-safe
 * as a whole.
 */
public final class FakeJournal implements RunJournal {
  private final Map<UUID, Map<String, JournalEntry>> entries = new HashMap<>();
  private final Map<UUID, RunResult> ended = new HashMap<>();
  private final List<String> told = new ArrayList<>();

  @Override
  public synchronized void started(RunRequest run) {
    told.add("started");
  }

  @Override
  public synchronized Receipt nodeFinished(UUID runId, JournalEntry entry) {
    told.add(entry.record().nodeId() + " " + entry.record().status());
    var run = entries.computeIfAbsent(runId, id -> new LinkedHashMap<>());
    // A pause that was answered moves to where it was answered.
    run.remove(entry.key());
    run.put(entry.key(), read(entry));
    return Receipt.DURABLE;
  }

  @Override
  public synchronized Past past(UUID runId) {
    RunResult result = ended.get(runId);
    return new Past(result, entries(runId), null, List.of());
  }

  @Override
  public synchronized void finished(RunRequest run, RunResult result) {
    told.add("finished " + result.status());
    if (!result.resumable()) {
      ended.put(run.runId(), result);
    }
  }

  /** Returns what was told, in order. */
  public synchronized List<String> told() {
    return List.copyOf(told);
  }

  public synchronized List<JournalEntry> entries(UUID runId) {
    return List.copyOf(entries.getOrDefault(runId, Map.of()).values());
  }

  /** Returns what a worker finds that takes a run over of which so many entries are durable. */
  public synchronized Past crashedAfter(UUID runId, int durable) {
    List<JournalEntry> kept = entries(runId);
    return new Past(null, kept.subList(0, Math.min(durable, kept.size())), null, List.of());
  }

  /**
   * Returns what a worker finds that takes up a run whose question was answered.
   *
   * @param nodeId which question; null for the last one
   */
  public synchronized Past answered(
      UUID runId, @Nullable String nodeId, String humanInput, List<ChatTurn> stored) {
    JournalEntry question =
        entries(runId).reversed().stream()
            .filter(JournalEntry::isPaused)
            .filter(entry -> nodeId == null || entry.record().nodeId().equals(nodeId))
            .findFirst()
            .orElseThrow(() -> new AssertionError("nobody asked: " + told));
    var answer = new Past.Answer(question.key(), (ObjectNode) Json.read(humanInput));
    return new Past(null, entries(runId), answer, stored);
  }

  private static JournalEntry read(JournalEntry entry) {
    return JournalEntry.of(entry.record(), Json.read(entry.meta().toString()));
  }
}
