package dev.millrace.pgjobs;

import org.jspecify.annotations.Nullable;

/** How a job ended. */
sealed interface Outcome {
  ActiveJob job();

  /** Its row goes. */
  record Completed(ActiveJob job) implements Outcome {}

  /**
   * It is tried again later, if it has attempts left.
   *
   * @param reason at most {@link ErrorText#LIMIT} characters
   * @param payload of the next attempt; null for the same
   * @param forGood whether it has no attempts left whatever their number
   */
  record Failed(ActiveJob job, String reason, @Nullable String payload, boolean forGood)
      implements Outcome {}

  /** It goes back as it was before it was fetched: it was not begun. */
  record Returned(ActiveJob job) implements Outcome {}
}
