package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowCheck;
import dev.millrace.flows.model.FlowNode;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One execution of one node: what it began with, and how it ended.
 *
 * @param number counts the executions of a run, from 0
 * @param step what is executed
 * @param previous the ids of the nodes that led here
 * @param before the state and the conversation it sees
 * @param stream where it emits its events; closed when it ended
 */
record Execution(
    int number,
    CompiledFlow.Step step,
    List<String> previous,
    PathState before,
    RunEvents.Stream stream) {
  private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

  /** How an execution ended. */
  sealed interface End {
    Execution execution();

    record Succeeded(Execution execution, NodeOutcome outcome) implements End {}

    record Failed(Execution execution, String message) implements End {}

    record Cancelled(Execution execution) implements End {}
  }

  FlowNode node() {
    return step.node();
  }

  /** Executes the node on this thread; whatever goes wrong is an end as well. */
  End execute(CompiledFlow flow, RunContext run, Set<String> supported) {
    try (stream) {
      run.cancellation().throwIfCancelled();
      NodeRunner runner = step.runner();
      if (runner == null) {
        throw new FlowException(FlowCheck.unknown(node(), supported));
      }
      if (run.hasQuestionAndForm()) {
        throw new FlowException(
            "A request carries either a question or a form, this one has both: leave one out.");
      }
      var context =
          new NodeContext(flow, step, run, before, stream.heard() ? stream : NodeEvents.NONE);
      return new End.Succeeded(this, runner.run(context));
    } catch (FlowCancelledException e) {
      return new End.Cancelled(this);
    } catch (FlowException e) {
      return new End.Failed(this, message(e));
    } catch (Throwable e) { // also an error must not leave the run waiting for this node
      LOG.error("Node {} of flow {} broke", node().title(), run.request().flowId(), e);
      return new End.Failed(this, "Node " + node().title() + " failed unexpectedly: " + e);
    }
  }

  private static String message(@Nullable Throwable failure) {
    String message = failure == null ? null : failure.getMessage();
    return message == null ? String.valueOf(failure) : message;
  }
}
