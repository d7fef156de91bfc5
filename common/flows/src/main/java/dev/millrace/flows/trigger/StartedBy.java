package dev.millrace.flows.trigger;

import dev.millrace.flows.model.Flow;
import java.util.Optional;

/** Tells whether people can start a flow, or only its webhook or its schedule (§3.3). */
public final class StartedBy {
  private StartedBy() {}

  /** Returns why nobody can ask a flow a question, and what to do instead; nothing if they can. */
  public static Optional<String> refusal(Flow flow, String flowId) {
    if (StartInputs.of(flow, "webhookTrigger").isPresent()) {
      return Optional.of(
          "This flow waits for a webhook: call /api/v1/webhook/" + flowId + " instead.");
    }
    if (StartInputs.of(flow, "scheduleInput").isPresent()) {
      return Optional.of(
          "This flow waits for its schedule, and only that can start it. Choose chatInput in its"
              + " Start node to ask it.");
    }
    return Optional.empty();
  }
}
