package dev.millrace.platform.runs;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowStore;
import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.flows.engine.Past;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.DatabaseUnavailableException;
import dev.millrace.platform.db.GroupWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stores runs and reads earlier ones, in Flowise's tables. Thread-safe.
 *
 * <p>Writes of concurrent runs share statements and commits. The beginning of a run and its
 * finished nodes are written within 20 ms, nobody waits for them; when the run ends before that,
 * they are not written at all. {@link #finished} returns after the commit.
 */
public final class RunStore implements RunJournal, FlowStore, PausedRuns, AutoCloseable {
  private final UUID process = UUID.randomUUID();
  private final GroupWriter<RunEntry> writer;
  private final RunQueries queries;
  private final LibraryQueries library;
  private final PauseQueries pauses;
  private final RunWatch watch;
  private final InstantSource clock;

  /**
   * Opens the store of a process.
   *
   * @param environment gives variables of type {@code runtime} their value, null when it is unset;
   *     {@code System::getenv} outside tests
   */
  public RunStore(
      Database database, InstantSource clock, Function<String, @Nullable String> environment) {
    this(database, clock, environment, true);
  }

  /**
   * As above.
   *
   * @param recovers whether this process ends runs whose processes are gone
   */
  public RunStore(
      Database database,
      InstantSource clock,
      Function<String, @Nullable String> environment,
      boolean recovers) {
    this(database, clock, environment, recovers, GroupWriter.Limits.DEFAULT);
  }

  RunStore(
      Database database,
      InstantSource clock,
      Function<String, @Nullable String> environment,
      GroupWriter.Limits limits) {
    this(database, clock, environment, true, limits);
  }

  private RunStore(
      Database database,
      InstantSource clock,
      Function<String, @Nullable String> environment,
      boolean recovers,
      GroupWriter.Limits limits) {
    this.writer = new GroupWriter<>("run-writer", new RunBatch(database), limits);
    this.queries = new RunQueries(database, environment);
    this.library = new LibraryQueries(database);
    this.pauses = new PauseQueries(database);
    this.watch = new RunWatch(database, process, recovers);
    this.clock = clock;
  }

  @Override
  public void started(RunRequest run) {
    var _ = writer.writeLater(new RunEntry.Started(run.runId(), owner(run), process));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The entry is written with whatever is written next, at the latest after the linger; who
   * awaits the receipt has it written at once.
   */
  @Override
  public Receipt nodeFinished(UUID runId, JournalEntry entry) {
    var written =
        writer.writeLater(
            new RunEntry.NodeFinished(
                runId,
                entry.id(),
                RecordsJson.toJson(entry.record()).toString(),
                entry.meta().toString(),
                entry.isPaused()));
    return () -> awaitEntry(runId, written);
  }

  private void awaitEntry(UUID runId, CompletableFuture<Void> written) {
    if (!written.isDone()) {
      writer.hurry();
    }
    join(runId, written);
  }

  @Override
  public Past past(UUID runId) {
    // What this very process wrote last may still wait.
    writeAndWait(new RunEntry.Flush(runId));
    return pauses.past(runId);
  }

  @Override
  public Optional<Resumed> resume(Answer answer) {
    writeAndWait(new RunEntry.Flush(answer.job()));
    return pauses.claim(answer, process);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Is not cut short by an interrupt: what an aborted run did is stored, too. Storing the same
   * run again replaces its execution and leaves its messages alone.
   *
   * @throws DatabaseUnavailableException when PostgreSQL stayed away for 30 s
   */
  @Override
  public void finished(RunRequest run, RunResult result) {
    var endedAt = endOf(run);
    var entry =
        new RunEntry.Finished(
            run.runId(),
            owner(run),
            result.status().name(),
            RecordsJson.toJson(result.records()).toString(),
            Messages.openAction(result),
            endedAt,
            result.resumable() ? run.input().toString() : null,
            process,
            run.answerId(),
            Messages.isResume(run),
            Messages.of(run, result, endedAt));
    writeAndWait(entry);
  }

  private void writeAndWait(RunEntry entry) {
    join(entry.runId(), writer.write(entry));
  }

  private static void join(UUID runId, CompletableFuture<Void> written) {
    try {
      // Ends by itself: the writer gives up after its patience, and the attempt that it is in then
      // ends with the connection's own timeouts.
      written.join();
    } catch (CompletionException e) {
      throw failure(runId, e.getCause() == null ? e : e.getCause());
    }
  }

  /**
   * Marks a run as failed whose job ended without {@link #finished}: its worker died too often, or
   * it never got to the flow. The nodes it had finished stay visible.
   *
   * @return false when there is no such run in progress
   */
  public boolean markInterrupted(UUID runId, String message) {
    // Its beginning may still wait to be written by this very process.
    writeAndWait(new RunEntry.Flush(runId));
    return queries.markInterrupted(runId, message);
  }

  /** Returns what a run that has not ended has done so far, in order, to go on after it. */
  public List<JournalEntry> journal(UUID runId) {
    return queries.journal(runId);
  }

  /** Returns a stored run by its id. */
  public Optional<PreviousRun> run(UUID runId) {
    return queries.run(runId);
  }

  /**
   * {@inheritDoc}
   *
   * <p>At most the newest {@value RunQueries#HISTORY_LIMIT} messages.
   */
  @Override
  public List<ChatTurn> history(String flowId, String sessionId, UUID run) {
    return queries.history(flowId, sessionId, run);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Runs in progress do not count: the one that asks is itself one of them.
   */
  @Override
  public Optional<PreviousRun> previousRun(String flowId, String sessionId) {
    return queries.previousRun(flowId, sessionId);
  }

  @Override
  public Map<String, String> variables(String workspaceId) {
    return queries.variables(workspaceId);
  }

  @Override
  public Optional<StoredTool> tool(String id, String workspaceId) {
    return library.tool(id, workspaceId);
  }

  @Override
  public Optional<StoredDocuments> documents(String id, String workspaceId) {
    return library.documents(id, workspaceId);
  }

  @Override
  public List<StoredPiece> pieces(String storeId, int from, int limit) {
    return library.pieces(storeId, from, limit);
  }

  /** Writes what is pending and stops. */
  @Override
  public void close() {
    watch.close();
    writer.close();
  }

  private static RunEntry.Owner owner(RunRequest run) {
    return new RunEntry.Owner(
        run.flowId(), Messages.storable(run.sessionId()), run.workspaceId(), run.startedAt());
  }

  /** The answer follows the question even when the clock of the process that asked is ahead. */
  private Instant endOf(RunRequest run) {
    var now = clock.instant();
    var earliest = run.startedAt().plusMillis(1);
    return now.isBefore(earliest) ? earliest : now;
  }

  private static RuntimeException failure(UUID runId, Throwable cause) {
    return switch (cause) {
      case DatabaseUnavailableException e ->
          new DatabaseUnavailableException(
              "what run " + runId + " did could not be stored: " + e.getMessage(), e);
      default ->
          new IllegalStateException(
              "what run " + runId + " did could not be stored: " + cause.getMessage(), cause);
    };
  }
}
