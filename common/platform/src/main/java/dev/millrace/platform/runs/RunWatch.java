package dev.millrace.platform.runs;

import dev.millrace.platform.db.Database;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that this process is there, and ends the runs of processes that no longer are, so that none
 * stays INPROGRESS for ever. A run whose job is still in the queue is taken over long before; when
 * that happens later after all, it goes on from its journal, which is kept for a day.
 */
final class RunWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);
  private static final Duration BEAT = Duration.ofSeconds(10);
  private static final Duration GONE = Duration.ofSeconds(60);
  private static final Duration KEPT = Duration.ofDays(1);

  private final Database database;
  private final UUID process;
  private final boolean recovers;
  private final Duration gone;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("run-watch").factory());

  /**
   * Starts watching.
   *
   * @param recovers whether it ends the runs of others; it says itself that it is there in any case
   */
  RunWatch(Database database, UUID process, boolean recovers) {
    this(database, process, recovers, BEAT, GONE);
  }

  /**
   * Starts watching.
   *
   * @param gone how long a process may be silent before its runs are ended
   */
  RunWatch(Database database, UUID process, Duration beat, Duration gone) {
    this(database, process, true, beat, gone);
  }

  private RunWatch(
      Database database, UUID process, boolean recovers, Duration beat, Duration gone) {
    this.database = database;
    this.process = process;
    this.recovers = recovers;
    this.gone = gone;
    var _ = timer.scheduleWithFixedDelay(this::look, 0, beat.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void look() {
    try {
      database.<Void>with(handle -> {
        handle.execute(
            """
            INSERT INTO millrace.process (id) VALUES (?)
            ON CONFLICT (id) DO UPDATE SET seen = now()
            """,
            process);
        return null;
      });
      if (!recovers) {
        return;
      }
      for (var run : abandoned()) {
        LOG.atWarn().addKeyValue("run", run).log("a run was interrupted: its process is gone");
      }
      forget();
    } catch (RuntimeException e) {
      // The next beat tries again; what runs says itself that PostgreSQL is away.
      LOG.atWarn().setCause(e).log("runs of processes that are gone could not be looked for");
    }
  }

  /** Ends what was interrupted; a process that never said anything counts from the run's start. */
  private List<UUID> abandoned() {
    return database.with(handle ->
        handle
            .createQuery(
                """
                WITH gone AS (
                  SELECT run_id FROM millrace.open_run
                  LEFT JOIN millrace.process ON process.id = open_run.owner
                  WHERE greatest(since, seen) < now() - :gone::interval
                    AND owner <> :me
                  FOR UPDATE OF open_run SKIP LOCKED
                )
                UPDATE execution
                SET state = 'ERROR', "updatedDate" = now(),
                  "executionData" = (
                    SELECT '[' || coalesce(string_agg(record, ',' ORDER BY position) || ',', '')
                      || :interruption || ']'
                    FROM millrace.run_journal WHERE run_id = execution.id)
                FROM gone
                WHERE execution.id = gone.run_id AND execution.state = 'INPROGRESS'
                RETURNING execution.id
                """)
            .bind("gone", gone.toSeconds() + " seconds")
            .bind("me", process)
            .bind(
                "interruption",
                RecordsJson.interruption(
                        "The process that ran the flow is gone. If its job is still in the queue,"
                            + " another worker goes on with it.")
                    .toString())
            .mapTo(UUID.class)
            .list());
  }

  private void forget() {
    database.<Void>with(handle -> {
      handle
          .createUpdate(
              """
              WITH old AS (
                DELETE FROM millrace.open_run
                WHERE input IS NULL AND since < now() - :kept::interval
                  AND NOT EXISTS (
                    SELECT FROM execution WHERE id = run_id AND state = 'INPROGRESS')
                RETURNING run_id
              ), entries AS (
                DELETE FROM millrace.run_journal WHERE run_id IN (SELECT run_id FROM old)
              )
              DELETE FROM millrace.process WHERE seen < now() - :kept::interval
              """)
          .bind("kept", KEPT.toSeconds() + " seconds")
          .execute();
      return null;
    });
  }
}
