package dev.millrace.flows.engine;

import dev.millrace.flows.engine.Execution.Work;
import dev.millrace.flows.engine.JournalEntry.Outcome;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes down how the executions on one canvas end: the records that people see, and the entries of
 * the journal. To be used by the canvas's own thread.
 */
final class Ledger {
  /** What a record says of a node that was cut off. */
  static final String CANCELLED = "Flow execution was cancelled";

  private final Site site;

  Ledger(Site site) {
    this.site = site;
  }

  /** Returns the part of an outcome that is needed to go on from it. */
  static Outcome outcome(NodeOutcome outcome) {
    return switch (outcome) {
      case NodeOutcome.Done _ -> new Outcome.Done(null, false);
      case NodeOutcome.Branched(_, var taken) -> new Outcome.Done(taken, false);
      case NodeOutcome.LoopedBack(_, var target) -> new Outcome.LoopedBack(target);
      case NodeOutcome.Paused(_, var checkpoint) -> new Outcome.Paused(checkpoint);
    };
  }

  /** Returns the record of a node that did what it should, or asks a human. */
  NodeRecord succeeded(
      Execution execution, NodeOutcome.Result result, Outcome outcome, PathState after) {
    boolean asks = outcome instanceof Outcome.Paused;
    ObjectNode output = result.output();
    if (asks) {
      output = Json.shallowCopy(output);
      output.set("humanInputAction", Questions.action(execution.node(), result.input()));
    }
    ObjectNode data = site.data(execution.node());
    data.set("input", result.input());
    data.set("output", output);
    data.set("state", after.state());
    if (!result.messages().isEmpty()) {
      data.set("chatHistory", Conversation.shown(result.messages()));
    }
    return record(execution, data, asks ? RunStatus.STOPPED : RunStatus.FINISHED);
  }

  NodeRecord failed(Execution execution, String message) {
    ObjectNode data = site.data(execution.node()).put("error", message);
    return record(execution, data, RunStatus.ERROR);
  }

  NodeRecord cancelled(Execution execution) {
    ObjectNode data = site.data(execution.node()).put("error", CANCELLED);
    return record(execution, data, RunStatus.TERMINATED);
  }

  /** Returns the record of a node that failed, and whose policy lets the flow go on. */
  NodeRecord passedOn(Execution execution, String message) {
    ObjectNode data = site.data(execution.node());
    data.set("input", Json.object());
    data.set("output", Json.object().put("content", "").put("error", message));
    data.set("state", execution.before().state());
    return record(execution, data, RunStatus.FINISHED);
  }

  /**
   * Journals an execution.
   *
   * @param said what it added to the conversation, besides what it had said when it asked a human
   */
  void keep(
      Execution execution, Work work, NodeRecord record, Outcome outcome, List<ChatTurn> said) {
    var messages = new ArrayList<ChatTurn>();
    if (execution.answer() != null) {
      messages.addAll(execution.answer().question().messages());
    }
    messages.addAll(said);
    NodeRunner runner = execution.step().runner();
    site.run()
        .journal(
            new JournalEntry(
                execution.key(),
                record,
                outcome,
                messages,
                work.inside().stream().map(Trail.Told::key).toList(),
                work.inputsHash(),
                work.startedAt(),
                work.endedAt()),
            runner == null || runner.hasEffects());
  }

  private NodeRecord record(Execution execution, ObjectNode data, RunStatus status) {
    FlowNode node = execution.node();
    return new NodeRecord(node.id(), node.label(), site.closed(data), execution.previous(), status);
  }
}
