package dev.millrace.pgjobs;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import tools.jackson.databind.JsonNode;

/**
 * A job in the hands of its task, and the helpers for it. Lives as long as the task runs. All
 * methods may be called from any thread; those that talk to PostgreSQL take a connection of the
 * runner's data source for the call.
 */
public interface TaskContext {
  /** Returns the job as it was when it was fetched, this attempt counted. */
  Job job();

  /** Returns the payload as it is stored. */
  String payloadText();

  /** Returns the payload, parsed. */
  JsonNode payload();

  /**
   * Returns the payload as an object of a type, usually a record.
   *
   * @throws PermanentFailureException when it is not one, since trying again would not help
   */
  <T> T payload(Class<T> type);

  /** Returns a log named after the task; what this thread logs from now on carries the job's id. */
  Logger logger();

  /** Adds a job; it is there at once, whatever becomes of this one. */
  Job addJob(NewJob job);

  /** Adds jobs in one statement; see {@link PgJobs#addAll}. */
  List<Job> addJobs(List<NewJob> jobs);

  /** Runs a query; {@code ?} stands for a value. Returns its rows, values by column name. */
  List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... values);

  /**
   * Does something in a transaction, which is committed when {@code work} returns. It is done again
   * when PostgreSQL could not serialise it.
   */
  <T extends @Nullable Object> T transaction(TransactionWork<T> work);

  /**
   * Completes the job in the same transaction as {@code work}: either all of it happens or nothing,
   * so that what comes next (another job, a row) is there exactly once. Call it last: what the task
   * does or throws afterwards no longer matters to the job.
   *
   * @throws PgJobsException when the job is no longer this runner's; nothing happened then
   */
  <T extends @Nullable Object> T completeWith(TransactionWork<T> work);

  /** Returns what tells the task to end early. */
  AbortSignal abortSignal();
}
