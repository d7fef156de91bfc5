package dev.millrace.flows.engine;

import java.util.List;

/**
 * Thinks up what the user may want to ask next, as the settings of the run's flow say. Thread-safe,
 * may block.
 */
@FunctionalInterface
public interface FollowUps {
  /** Suggests nothing. */
  FollowUps NONE = (text, run, secrets) -> List.of();

  /**
   * Returns the questions to suggest; none when the flow's owner wants none, or when that failed.
   *
   * @param text the answer as it is shown
   * @throws FlowCancelledException when the run was cancelled meanwhile
   */
  List<String> after(String text, AnswerFilter.Run run, Secrets secrets);
}
