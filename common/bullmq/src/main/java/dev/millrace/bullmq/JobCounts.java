package dev.millrace.bullmq;

/**
 * How many jobs are in each state.
 *
 * @param waiting includes the jobs that a paused queue of {@link Compat#V5} keeps apart
 */
public record JobCounts(
    long waiting,
    long active,
    long delayed,
    long prioritized,
    long waitingChildren,
    long completed,
    long failed) {
  /** Returns how many jobs are in a state. */
  public long of(JobState state) {
    return switch (state) {
      case WAITING -> waiting;
      case ACTIVE -> active;
      case DELAYED -> delayed;
      case PRIORITIZED -> prioritized;
      case WAITING_CHILDREN -> waitingChildren;
      case COMPLETED -> completed;
      case FAILED -> failed;
      case UNKNOWN -> 0;
    };
  }
}
