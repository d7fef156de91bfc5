package dev.millrace.bullmq;

/**
 * Ends a processor whose job has been moved away: to be run later, or when its children are done.
 * Methods of {@link ActiveJob} throw or return it; let it pass. It says nothing went wrong: the
 * attempt does not count as failed, and whatever the processor returns or throws instead is
 * dropped.
 *
 * <p>It stands for what Node calls {@code DelayedError}, {@code WaitingError}, {@code
 * WaitingChildrenError} and {@code RateLimitError}.
 */
public final class JobMovedException extends BullMqException {
  private static final long serialVersionUID = 1L;

  private final JobState to;

  JobMovedException(String id, JobState to) {
    super("job " + id + " was moved to " + to.wireName() + " and ends here for now");
    this.to = to;
  }

  /** Returns where the job is now. */
  public JobState to() {
    return to;
  }
}
