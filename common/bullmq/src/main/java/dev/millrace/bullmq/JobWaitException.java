package dev.millrace.bullmq;

import java.time.Duration;

/** A job that someone waited for brought no result. The texts are those of Node's client. */
public sealed class JobWaitException extends BullMqException {
  private static final long serialVersionUID = 1L;

  private JobWaitException(String message) {
    super(message);
  }

  /** The job failed; the message is its {@code failedReason}. */
  public static final class Failed extends JobWaitException {
    private static final long serialVersionUID = 1L;

    Failed(String reason) {
      super(reason);
    }
  }

  /** The job had not ended when the time was over. It may end yet. */
  public static final class TimedOut extends JobWaitException {
    private static final long serialVersionUID = 1L;

    TimedOut(Job job, Duration limit) {
      super(
          "Job wait %s timed out before finishing, no finish notification arrived after %dms (id=%s)"
              .formatted(job.name(), limit.toMillis(), job.id()));
    }
  }

  /** The job was removed, or is unknown to Redis, and nothing tells how it ended. */
  public static final class Gone extends JobWaitException {
    private static final long serialVersionUID = 1L;

    Gone(String jobKey) {
      super("Missing key for job %s. isFinished".formatted(jobKey));
    }
  }
}
