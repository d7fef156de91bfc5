package dev.millrace.bullmq;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt ends, as the script is told.
 *
 * @param value return value or failed reason
 * @param keep which finished jobs stay; of no meaning when the job goes back
 * @param attempts how many attempts the job has
 * @param delay ms until the next attempt
 * @param front whether a retry goes in front
 * @param fields names and values, in turn, to set on the job
 * @param fetchNext whether the slot wants another job
 * @param trace what shows that an earlier, unanswered call got through; empty if there was none
 */
record Finish(
    ActiveJob job,
    Mode mode,
    String value,
    KeepJobs keep,
    int attempts,
    long delay,
    boolean front,
    List<String> fields,
    boolean fetchNext,
    String trace) {
  /** Where the job goes. */
  enum Mode {
    COMPLETED("completed"),
    FAILED("failed"),
    RETRY("retry"),
    DELAY("delay"),
    WAIT("wait");

    private final String wireName;

    Mode(String wireName) {
      this.wireName = wireName;
    }
  }

  static Finish completed(ActiveJob job, String value, KeepJobs keep) {
    return new Finish(job, Mode.COMPLETED, value, keep, 0, 0, false, List.of(), true, "");
  }

  static Finish failed(
      ActiveJob job, String reason, KeepJobs keep, int attempts, List<String> fields) {
    return new Finish(job, Mode.FAILED, reason, keep, attempts, 0, false, fields, true, "");
  }

  /** Another attempt, after a delay in ms or at once. */
  static Finish again(ActiveJob job, long delay, boolean front, List<String> fields) {
    var mode = delay > 0 ? Mode.DELAY : Mode.RETRY;
    return new Finish(job, mode, "", KeepJobs.ALL, 0, delay, front, fields, true, "");
  }

  /** Hands the job back, as if it had not been taken. */
  static Finish handBack(ActiveJob job) {
    return new Finish(job, Mode.WAIT, "", KeepJobs.ALL, 0, 0, false, List.of(), false, "");
  }

  Finish withoutFetch() {
    return new Finish(job, mode, value, keep, attempts, delay, front, fields, false, trace);
  }

  /** Returns this, to be sent again after the reply to a call made at {@code sentAt} was lost. */
  Finish resent(long sentAt) {
    if (!trace.isEmpty()) {
      return this;
    }
    var isEnd = mode == Mode.COMPLETED || mode == Mode.FAILED;
    var expected = isEnd ? sentAt : job.job().attemptsMade() + 1;
    return new Finish(
        job, mode, value, keep, attempts, delay, front, fields, fetchNext, Long.toString(expected));
  }

  void addArguments(List<String> arguments) {
    arguments.add(job.id());
    arguments.add(job.token());
    arguments.add(mode.wireName);
    arguments.add(value);
    arguments.add(settings(keep, attempts, delay, front, false, trace));
    arguments.add(Integer.toString(fields.size() / 2));
    arguments.addAll(fields);
  }

  /** Returns what {@code finish.lua} takes as the settings of one end. */
  static String settings(
      KeepJobs keep, long attempts, long delay, boolean front, boolean keepAttempts, String trace) {
    return text(keep.count())
        + ","
        + text(keep.ageSeconds())
        + ","
        + text(keep.limit())
        + ","
        + attempts
        + ","
        + delay
        + (front ? ",1," : ",,")
        + (keepAttempts ? "1," : ",")
        + trace;
  }

  int size() {
    return value.length() + fields.stream().mapToInt(String::length).sum();
  }

  private static String text(@Nullable Long number) {
    return number == null ? "" : number.toString();
  }
}
