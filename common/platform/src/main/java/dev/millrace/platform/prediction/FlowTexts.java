package dev.millrace.platform.prediction;

import java.util.Optional;

/** Finds the flows that jobs refer to instead of carrying them. Thread-safe. */
@FunctionalInterface
public interface FlowTexts {
  /** For processes whose jobs carry their flows. */
  FlowTexts NONE = (flowId, hash) -> Optional.empty();

  /**
   * Returns a row of the flow's table as {@link PredictionJob#rowJson} renders it.
   *
   * @param hash {@link SharedFlows} has the text under this name; without it the row as it is now
   *     is the next best
   */
  Optional<String> find(String flowId, String hash);
}
