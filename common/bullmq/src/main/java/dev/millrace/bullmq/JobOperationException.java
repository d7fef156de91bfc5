package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/**
 * A script refused an operation on a job. Codes and texts are those that every BullMQ client shows,
 * so that messages in logs and dashboards read alike.
 */
public sealed class JobOperationException extends BullMqException {
  private static final long serialVersionUID = 1L;

  private final int code;

  private JobOperationException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** Returns the negative code of the wire, e.g. -6 for a lock that another worker holds. */
  public int code() {
    return code;
  }

  /** The job (-1) or the parent that was named (-5) does not exist. */
  public static final class Missing extends JobOperationException {
    private static final long serialVersionUID = 1L;

    private Missing(int code, String message) {
      super(code, message);
    }
  }

  /** The caller does not own the job any more: its lock expired (-2) or is another's (-6). */
  public static final class LockLost extends JobOperationException {
    private static final long serialVersionUID = 1L;

    private LockLost(int code, String message) {
      super(code, message);
    }
  }

  /** The job is not in the state that the operation needs (-3). */
  public static final class WrongState extends JobOperationException {
    private static final long serialVersionUID = 1L;

    private WrongState(int code, String message) {
      super(code, message);
    }
  }

  /** The job's children forbid it: some are pending (-4) or some failed (-9). */
  public static final class Children extends JobOperationException {
    private static final long serialVersionUID = 1L;

    private Children(int code, String message) {
      super(code, message);
    }

    /** Returns whether waiting cannot help: a child failed for good. */
    public boolean failed() {
      return code() == -9;
    }
  }

  /** Another job or scheduler stands in the way (-7, -8, -10, -11). */
  public static final class Conflict extends JobOperationException {
    private static final long serialVersionUID = 1L;

    private Conflict(int code, String message) {
      super(code, message);
    }
  }

  /** The queue is not paused (-1) or has active jobs (-2), so that it cannot be deleted. */
  public static final class QueueInUse extends JobOperationException {
    private static final long serialVersionUID = 1L;

    private QueueInUse(int code, String message) {
      super(code, message);
    }
  }

  static JobOperationException obliterating(int code) {
    var why =
        code == -1
            ? "Cannot obliterate non-paused queue"
            : "Cannot obliterate queue with active jobs";
    return new QueueInUse(code, why);
  }

  /**
   * Returns the exception for a code.
   *
   * @param subject the job's id; the parent's key for -5 and -7
   * @param command the operation's name in Node, e.g. {@code moveToFinished}
   * @param state the state that was expected, for -3 and -6
   */
  static JobOperationException of(
      int code, String subject, String command, @Nullable JobState state) {
    var from = state == null ? JobState.UNKNOWN.wireName() : state.wireName();
    return switch (code) {
      case -1 -> new Missing(code, "Missing key for job %s. %s".formatted(subject, command));
      case -2 -> new LockLost(code, "Missing lock for job %s. %s".formatted(subject, command));
      case -3 ->
          new WrongState(
              code, "Job %s is not in the %s state. %s".formatted(subject, from, command));
      case -4 ->
          new Children(code, "Job %s has pending dependencies. %s".formatted(subject, command));
      case -5 -> new Missing(code, "Missing key for parent job %s. %s".formatted(subject, command));
      case -6 ->
          new LockLost(
              code, "Lock mismatch for job %s. Cmd %s from %s".formatted(subject, command, from));
      case -7 ->
          new Conflict(
              code, "The parent job %s cannot be replaced. %s".formatted(subject, command));
      case -8 ->
          new Conflict(
              code,
              "Job %s belongs to a job scheduler and cannot be removed directly. %s"
                  .formatted(subject, command));
      case -9 ->
          new Children(
              code,
              "Cannot complete job %s because it has at least one failed child. %s"
                  .formatted(subject, command));
      case -10 ->
          new Conflict(
              code, "Cannot create job scheduler iteration - job ID already exists. " + command);
      case -11 ->
          new Conflict(
              code,
              "Cannot create job scheduler iteration - current and next time slots already have"
                  + " jobs. "
                  + command);
      default ->
          new JobOperationException(
              code, "Unknown code %d error for %s. %s".formatted(code, subject, command));
    };
  }
}
