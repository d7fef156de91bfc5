package dev.millrace.server.dashboard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be done to a queue and its jobs. An action that a kind of queue does not know, or that
 * the job's state forbids, throws a {@link BoardError}. Thread-safe.
 */
public interface QueueActions {
  /**
   * Adds a job.
   *
   * @param data JSON text
   * @param options JSON text of an object, with the names that Node's programs use
   * @return its id
   */
  String add(String name, String data, String options);

  void pause();

  void resume();

  boolean isPaused();

  /** Removes the jobs that wait. */
  void empty();

  /**
   * Deletes the queue.
   *
   * @param force whether jobs that are being processed go, too
   */
  void obliterate(boolean force);

  /** Removes the jobs of a state that are older than the dashboard's grace. */
  void clean(String state);

  /** Runs all delayed jobs now. */
  void promoteAll();

  /** Runs all jobs of a state again; returns how many. */
  long retryAll(String state);

  /** Limits how many jobs may be active at once; 0 ends the limit. */
  void concurrency(long limit);

  /** Limits how many jobs may start in so many ms; null ends the limit. */
  void rateLimit(@Nullable Long max, long duration);

  /** Ends a rate limit that holds now. */
  void releaseRateLimit();

  /** Runs a finished job again. */
  void retry(String id, String state);

  /** Runs a delayed job now. */
  void promote(String id);

  /** Removes a job. */
  void remove(String id);

  /** Replaces a job's data, JSON text. */
  void updateData(String id, String data);

  /** Lets a delayed job run at a time, ms since 1970. */
  void runAt(String id, long time);

  void changePriority(String id, int priority);

  /** Removes the children that a job still waits for; returns how many. */
  long removeUnprocessedChildren(String id);

  /** Removes a scheduler; returns whether there was one. */
  boolean removeScheduler(String id);

  /** Adds a job as a scheduler would now, and leaves its times as they are; returns its id. */
  String runScheduler(String id);

  /** Changes a scheduler's times, and nothing else of it. */
  void updateScheduler(String id, SchedulerTimes times);

  /** Returns the names of all states that can be cleaned. */
  List<String> cleanable();

  /** When a scheduler makes jobs: exactly one of pattern and every is there. */
  record SchedulerTimes(
      @Nullable String pattern,
      @Nullable Long every,
      @Nullable String zone,
      @Nullable Long limit,
      @Nullable Long endDate) {}
}
