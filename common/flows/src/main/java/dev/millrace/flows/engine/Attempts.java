package dev.millrace.flows.engine;

import dev.millrace.flows.engine.Execution.End;
import dev.millrace.flows.engine.Execution.Work;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tries one execution as often, and for as long, as the policy of its node allows. */
final class Attempts {
  private final Execution execution;
  private final Site site;
  private final Cancellation cancellation;
  private final long startedAt;
  private @Nullable NodeContext context;

  Attempts(Execution execution, Site site, Cancellation cancellation) {
    this.execution = execution;
    this.site = site;
    this.cancellation = cancellation;
    this.startedAt = site.run().clock().millis();
  }

  /**
   * Runs the node.
   *
   * @throws RuntimeException when the last attempt failed
   */
  End end() {
    cancellation.throwIfCancelled();
    RunContext run = site.run();
    NodeRunner runner = execution.step().runner();
    if (runner == null) {
      throw execution.unknown(site);
    }
    if (run.hasQuestionAndForm()) {
      throw new FlowException(
          "A request carries either a question or a form, this one has both: leave one out.");
    }
    if (runner.hasEffects()) {
      run.awaitJournal();
      cancellation.throwIfCancelled();
    }
    NodePolicy policy = execution.step().policy();
    for (int attempt = 1; ; attempt++) {
      try {
        return attempt(runner, policy.timeout());
      } catch (InsidePausedException e) {
        return new End.Waiting(execution, work(), e);
      } catch (FlowException e) {
        if (attempt >= policy.attempts()) {
          throw e;
        }
      }
      cancellation.pause(policy.delayAfter(attempt));
    }
  }

  /** Returns what is known of the latest attempt. */
  Work work() {
    long now = site.run().clock().millis();
    NodeContext latest = context;
    return latest == null
        ? new Work(List.of(), "", startedAt, now)
        : new Work(latest.toldInside(), latest.inputsHash(), startedAt, now);
  }

  private End attempt(NodeRunner runner, Duration limit) {
    if (limit.isZero()) {
      return run(runner, cancellation);
    }
    try (var child = cancellation.child();
        var _ = Timer.start(limit, () -> child.token().cancel("the time of the node is over"))) {
      Cancellation token = child.token();
      try {
        return run(runner, token);
      } catch (FlowException e) {
        if (token.isCancelled() && !cancellation.isCancelled()) {
          throw new FlowException(
              "Node "
                  + execution.node().title()
                  + " took longer than its timeout of "
                  + limit.toMillis()
                  + " ms.",
              e);
        }
        throw e;
      }
    }
  }

  private End run(NodeRunner runner, Cancellation token) {
    var events = execution.stream().heard() ? execution.stream() : NodeEvents.NONE;
    // A container only waits for what is inside it, which takes places of its own.
    try (var _ =
        execution.step().inside() == null ? site.run().place(token) : RunContext.NO_PLACE) {
      var fresh = new NodeContext(site, execution, events, token);
      context = fresh;
      NodeOutcome outcome = runner.run(fresh);
      return new End.Succeeded(execution, work(), outcome);
    }
  }
}
