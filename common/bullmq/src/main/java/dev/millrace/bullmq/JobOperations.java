package dev.millrace.bullmq;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be done to a single job of a queue, by its id. {@link Queue#jobs} returns it.
 *
 * <p>Every method is one atomic step in Redis. It throws {@link RedisUnavailableException} while
 * there is no connection and {@link JobOperationException.Missing} when there is no such job,
 * unless it says otherwise. Thread-safe.
 */
public final class JobOperations {
  private static final int MAX_PRIORITY = 2_097_151;

  private final Scripts scripts;
  private final SafeListener<QueueListener> listener;

  JobOperations(Scripts scripts, SafeListener<QueueListener> listener) {
    this.scripts = scripts;
    this.listener = listener;
  }

  /** Whether a job that is removed takes its children with it. */
  public enum Children {
    REMOVE,
    KEEP
  }

  /**
   * What a retried job forgets.
   *
   * @param attemptsMade whether it has all its attempts again
   * @param attemptsStarted whether its count of started attempts begins again
   */
  public record Reset(boolean attemptsMade, boolean attemptsStarted) {
    public static final Reset NOTHING = new Reset(false, false);
    public static final Reset ATTEMPTS = new Reset(true, true);
  }

  /**
   * Runs a delayed job now.
   *
   * @throws JobOperationException.WrongState when it is not delayed, also when there is no such job
   */
  public void promote(String id) {
    check(scripts.callNow(Script.CHANGE, id, "promote"), id, "promote", JobState.DELAYED);
  }

  /**
   * Makes a delayed job wait for so long from now.
   *
   * @throws JobOperationException.WrongState when it is not delayed
   * @throws IllegalArgumentException when the delay is negative
   */
  public void changeDelay(String id, Duration delay) {
    var millis = Long.toString(millis("delay", delay));
    check(scripts.callNow(Script.CHANGE, id, "delay", millis), id, "changeDelay", JobState.DELAYED);
  }

  /** As {@link #changePriority(String, int, boolean)}, behind its equals. */
  public void changePriority(String id, int priority) {
    changePriority(id, priority, false);
  }

  /**
   * Changes a job's priority. One that is ready changes its place; any other keeps it until it is.
   *
   * @param priority 1 (first) to 2097151; 0 runs before all of them
   * @param lifo whether it goes in front of its equals
   * @throws IllegalArgumentException when there is no such priority
   */
  public void changePriority(String id, int priority, boolean lifo) {
    if (priority < 0 || priority > MAX_PRIORITY) {
      throw new IllegalArgumentException("Priority should be between 0 and " + MAX_PRIORITY);
    }
    var reply =
        scripts.callNow(Script.CHANGE, id, "priority", Integer.toString(priority), lifo ? "1" : "");
    check(reply, id, "changePriority", null);
  }

  /** Replaces a job's data with a JSON text. */
  public void updateData(String id, String json) {
    check(scripts.callNow(Script.UPDATE, id, "data", json), id, "updateData", null);
  }

  /** Stores how far a job is, a JSON text, and writes the event {@code progress}. */
  public void updateProgress(String id, String json) {
    check(scripts.callNow(Script.UPDATE, id, "progress", json), id, "updateProgress", null);
    listener.tell(l -> l.progress(id, json));
  }

  /**
   * Adds a row to a job's log.
   *
   * @param keep how many rows stay, the newest; null or 0 keeps all
   * @return how many rows there are now
   */
  public long log(String id, String row, @Nullable Integer keep) {
    var kept = keep == null ? "" : Integer.toString(notNegative("keep", keep));
    return check(scripts.callNow(Script.UPDATE, id, "log", row, kept), id, "addLog", null);
  }

  /**
   * Reads a job's log; that of an unknown job is empty.
   *
   * @param start the first row to return, counted from 0
   * @param end the last one; -1 for all
   * @param oldestFirst from which end of the log is counted
   */
  public JobLogs logs(String id, int start, int end, boolean oldestFirst) {
    checkRange(start, end);
    var key = scripts.keys().job(id) + ":logs";
    var commands = scripts.commands();
    var rows =
        oldestFirst
            ? commands.call("logs", c -> c.lrange(key, start, end))
            : commands.call("logs", c -> c.lrange(key, end < 0 ? 0 : -(end + 1L), -(start + 1L)));
    var total = commands.call("logs", c -> c.llen(key));
    var ordered = new ArrayList<>(rows);
    if (!oldestFirst) {
      Collections.reverse(ordered);
    }
    return new JobLogs(ordered, total);
  }

  /**
   * Deletes a job's log.
   *
   * @param keep how many of the newest rows stay
   */
  public void clearLogs(String id, int keep) {
    notNegative("keep", keep);
    var key = scripts.keys().job(id) + ":logs";
    if (keep == 0) {
      scripts.commands().call("clearLogs", c -> c.del(key));
    } else {
      scripts.commands().call("clearLogs", c -> c.ltrim(key, -keep, -1));
    }
  }

  /**
   * Removes a job, in whatever state it is.
   *
   * @return false when a worker is processing it, or one of the children that would go with it, so
   *     that nothing was removed; true otherwise, also when there is no such job
   * @throws JobOperationException.Conflict when it is the next run of a scheduler
   */
  public boolean remove(String id, Children children) {
    var what = children == Children.REMOVE ? "all" : "job";
    var removed = check(scripts.callNow(Script.REMOVE, id, what), id, "removeJob", null) == 1;
    if (removed) {
      listener.tell(l -> l.removed(id));
    }
    return removed;
  }

  /**
   * Removes the children that a job still waits for, except those that are being processed or have
   * failed.
   */
  public void removeUnprocessedChildren(String id) {
    check(scripts.callNow(Script.REMOVE, id, "pending"), id, "removeUnprocessedChildren", null);
  }

  /**
   * Lets the parent of a job no longer wait for it; the parent runs if it waited for nothing else.
   *
   * @param id the child's
   * @return whether the parent did wait for it
   * @throws JobOperationException.Missing when there is no such job, or its parent is gone
   */
  public boolean removeChildDependency(String id) {
    var reply = scripts.callNow(Script.DETACH, id);
    var subject = reply.size() > 1 ? String.valueOf(reply.get(1)) : id;
    return check(reply, subject, "removeChildDependency", null) == 1;
  }

  /**
   * Runs a finished job again. Its parent, if it has one, waits for it once more.
   *
   * @param state {@link JobState#FAILED} or {@link JobState#COMPLETED}
   * @throws JobOperationException.WrongState when the job is not in that state
   */
  public void retry(String id, JobState state, Reset reset) {
    if (state != JobState.FAILED && state != JobState.COMPLETED) {
      throw new IllegalArgumentException(
          "only completed and failed jobs can be retried, not " + state.wireName() + " ones");
    }
    var reply =
        scripts.callNow(
            Script.RETRY,
            id,
            state.wireName(),
            reset.attemptsMade() ? "1" : "",
            reset.attemptsStarted() ? "1" : "");
    check(reply, id, "reprocessJob", state);
  }

  /**
   * Removes the deduplication id that a job owns, so that others may come.
   *
   * @return whether it owned one
   */
  public boolean removeDeduplicationKey(String id) {
    var reply = scripts.callNow(Script.RELEASE_DEDUPLICATION, id);
    return check(reply, id, "removeDeduplicationKey", null) == 1;
  }

  /**
   * Renews a lock.
   *
   * @param token the token that the lock was taken with
   * @return false when it expired or is another's; also for an unknown job
   */
  public boolean extendLock(String id, String token, Duration duration) {
    var millis = millis("duration", duration);
    if (millis == 0) {
      throw new IllegalArgumentException("duration must be at least 1 ms");
    }
    return scripts.callNow(Script.LOCKS, Long.toString(millis), id, token).isEmpty();
  }

  /**
   * Lets an active job wait; the attempt does not count.
   *
   * @throws JobOperationException.LockLost when the token does not own it
   * @throws JobOperationException.WrongState when it is not active
   */
  public void moveToDelayed(String id, String token, Duration delay) {
    var millis = Long.toString(millis("delay", delay));
    step(id, token, "moveToDelayed", "delay", millis);
  }

  /**
   * Puts an active job back, in front of its equals; the attempt does not count.
   *
   * @return how long the queue's rate limit lasts, zero if it does not hold
   * @throws JobOperationException.LockLost when the token does not own it
   * @throws JobOperationException.WrongState when it is not active
   */
  public Duration moveToWait(String id, String token) {
    return Duration.ofMillis(step(id, token, "moveJobFromActiveToWait", "wait", ""));
  }

  /**
   * Lets an active job wait for its children.
   *
   * @param childKey the key of the only child to wait for; null for all
   * @return false when there is nothing to wait for, and the job goes on
   * @throws JobOperationException.Children when a child failed for good
   * @throws JobOperationException.LockLost when the token does not own the job
   * @throws JobOperationException.WrongState when it is not active
   */
  public boolean moveToWaitingChildren(String id, String token, @Nullable String childKey) {
    var child = childKey == null ? "" : childKey;
    return step(id, token, "moveToWaitingChildren", "children", child) == 0;
  }

  private long step(String id, String token, String command, String what, String value) {
    return check(
        scripts.callNow(Script.STEP, id, token, what, value), id, command, JobState.ACTIVE);
  }

  private static long check(
      List<Object> reply, String id, String command, @Nullable JobState state) {
    var code = (Long) reply.getFirst();
    if (code < 0) {
      throw JobOperationException.of(code.intValue(), id, command, state);
    }
    return code;
  }

  /** Checks a range whose end may be -1, for all. */
  static void checkRange(long start, long end) {
    if (start < 0 || end < -1) {
      throw new IllegalArgumentException(
          "a range begins at 0 or later and ends at -1 or later, but this is %d to %d"
              .formatted(start, end));
    }
  }

  static long millis(String name, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative but is " + duration);
    }
    return duration.toMillis();
  }

  static int notNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must not be negative but is " + value);
    }
    return value;
  }
}
