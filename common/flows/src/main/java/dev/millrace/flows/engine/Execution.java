package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowCheck;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One execution of one node: what it began with, and how it ended.
 *
 * @param number counts the executions of a canvas, from 0
 * @param key names it in the journal
 * @param step what is executed
 * @param previous the ids of the nodes that led here
 * @param before the state and the conversation it sees
 * @param loopCount how often the Loop node has gone back that last made this node run again
 * @param timesLoopedBack how often this node has sent the flow back
 * @param answer what a human said to its question, null when it has not asked
 * @param stream where it emits its events; closed when it ended
 */
record Execution(
    int number,
    String key,
    Canvas.Step step,
    List<String> previous,
    PathState before,
    int loopCount,
    int timesLoopedBack,
    @Nullable Answered answer,
    RunEvents.Stream stream) {
  private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

  /**
   * A question that was answered.
   *
   * @param question the entry of the pause
   */
  record Answered(JournalEntry question, HumanAnswer human) {}

  /**
   * What is known of an execution besides its outcome.
   *
   * @param inside the records of what ran inside the node
   * @param startedAt in ms since the epoch
   * @param endedAt in ms since the epoch
   */
  record Work(List<Trail.Told> inside, String inputsHash, long startedAt, long endedAt) {}

  /** How an execution ended. */
  sealed interface End {
    Execution execution();

    Work work();

    record Succeeded(Execution execution, Work work, NodeOutcome outcome) implements End {}

    record Failed(Execution execution, Work work, String message) implements End {}

    record Cancelled(Execution execution, Work work) implements End {}

    /** Something inside the node asked a human. */
    record Waiting(Execution execution, Work work, InsidePausedException questions)
        implements End {}
  }

  FlowNode node() {
    return step.node();
  }

  /** Returns the end of one that was given up. */
  End abandoned() {
    return new End.Cancelled(this, new Work(List.of(), "", 0, 0));
  }

  /** Executes the node on this thread; whatever goes wrong is an end as well. */
  End execute(Site site, Cancellation cancellation) {
    var attempts = new Attempts(this, site, cancellation);
    try (stream) {
      return attempts.end();
    } catch (FlowCancelledException e) {
      return new End.Cancelled(this, attempts.work());
    } catch (FlowException e) {
      return new End.Failed(this, attempts.work(), String.valueOf(e.getMessage()));
    } catch (FlowFormatException e) {
      return new End.Failed(
          this, attempts.work(), "Node " + node().title() + ": " + e.getMessage());
    } catch (Throwable e) { // also an error must not leave the run waiting for this node
      LOG.error("Node {} of flow {} broke", node().title(), site.run().request().flowId(), e);
      return new End.Failed(
          this, attempts.work(), "Node " + node().title() + " failed unexpectedly: " + e);
    }
  }

  /** Says what the node is that cannot be run. */
  FlowException unknown(Site site) {
    return new FlowException(FlowCheck.unknown(node(), site.run().supported()));
  }
}
