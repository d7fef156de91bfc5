package dev.millrace.flows.engine;

import dev.millrace.flows.engine.Execution.End;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One run. Everything that decides happens on the thread of {@link #execute}; nodes that run side
 * by side hand their ends back to it, so nothing here needs a lock.
 */
final class FlowRun {
  private static final String CANCELLED = "Flow execution was cancelled";

  private final CompiledFlow flow;
  private final RunRequest request;
  private final RunPorts ports;
  private final EngineSettings settings;
  private final Set<String> supported;
  private final Cancellation cancellation = new Cancellation();
  private final RunContext context;
  private final RunEvents events;
  private final Tokens tokens;
  private final Trail trail;
  private final Crew crew;
  private final Queue<Integer> ready = new ArrayDeque<>();
  private PathState latest = PathState.EMPTY;
  private int executions;
  private boolean cancelled;
  private @Nullable String failure;

  FlowRun(
      CompiledFlow flow,
      RunRequest request,
      RunPorts ports,
      EngineSettings settings,
      InstantSource clock,
      Set<String> supported,
      SubFlows called) {
    this.flow = flow;
    this.request = request;
    this.ports = ports;
    this.settings = settings;
    this.supported = supported;
    this.context = new RunContext(request, ports, settings, clock, cancellation, called);
    this.events = new RunEvents(request.streaming() ? ports.events() : EventSink.NONE);
    this.tokens = new Tokens(flow);
    this.trail = new Trail(flow);
    this.crew = new Crew(this::work, cancellation, settings.cancelGrace());
  }

  RunResult execute(Cancellation caller) {
    // A failing node ends its siblings through the run's own token, which is not the caller's.
    try (var _ = caller.onCancel(() -> cancellation.cancel(String.valueOf(caller.reason())))) {
      ports.journal().started(request);
      failure = flow.obstacle();
      if (failure == null) {
        events.run(RunStatus.INPROGRESS);
        runNodes();
        RunResult result = end();
        events.run(result.status());
        return result;
      }
      return end();
    } finally {
      // Also when the journal failed: nobody waits any more for what is still at work.
      cancellation.cancel("the run has ended");
      if (crew.wasInterrupted()) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void runNodes() {
    tokens.start(ready::add);
    while (true) {
      dispatch();
      if (crew.size() == 0) {
        break;
      }
      settle(crew.next());
    }
    Integer next = ready.poll();
    if (next != null && failure == null && !cancelled) {
      // Cancelled between two nodes: the next one shows it.
      settle(new End.Cancelled(execution(next)));
    }
  }

  private void dispatch() {
    int limit = settings.sequentialBranches() ? 1 : settings.concurrentNodes();
    while (!ready.isEmpty() && crew.size() < limit && !stopping()) {
      if (executions == settings.maxIterations()) {
        failure =
            "The run has executed "
                + executions
                + " nodes, which is the limit; raise MAX_ITERATIONS if the flow needs more.";
        cancellation.cancel(failure);
        return;
      }
      Execution execution = execution(ready.remove());
      events.node(execution.node(), RunStatus.INPROGRESS, null);
      boolean alone = crew.size() == 0 && ready.isEmpty();
      if (alone || limit == 1) {
        settle(work(execution));
      } else {
        crew.start(execution);
      }
    }
  }

  private boolean stopping() {
    return failure != null || cancellation.isCancelled();
  }

  private Execution execution(int node) {
    int[] sources = tokens.sources(node);
    List<String> previous =
        Arrays.stream(sources).mapToObj(source -> flow.graph().node(source).id()).toList();
    PathState before = settings.sequentialBranches() ? latest : joined(Arrays.stream(sources));
    return new Execution(executions++, flow.step(node), previous, before, events.stream());
  }

  /** Returns what several paths together have reached, the later ones last. */
  private PathState joined(IntStream nodes) {
    return PathState.merged(
        nodes.boxed().sorted(Comparator.comparingInt(flow::rank)).map(trail::after).toList());
  }

  private End work(Execution execution) {
    return execution.execute(flow, context, supported);
  }

  private void settle(End end) {
    switch (end) {
      case End.Succeeded(var execution, var outcome) -> succeeded(execution, outcome);
      case End.Failed(var execution, var message) -> {
        if (failure == null) {
          failure = message;
          cancellation.cancel("node " + execution.node().title() + " failed");
        }
        failed(execution, RunStatus.ERROR, message);
      }
      case End.Cancelled(var execution) -> {
        cancelled = true;
        failed(execution, RunStatus.TERMINATED, CANCELLED);
      }
    }
  }

  private void succeeded(Execution execution, NodeOutcome outcome) {
    NodeOutcome.Result result = outcome.result();
    PathState after = execution.before().after(result.state(), result.messages());
    latest = latest.after(result.state(), result.messages());
    ObjectNode data = data(execution.node());
    data.set("input", result.input());
    data.set("output", result.output());
    data.set("state", after.state());
    if (!result.messages().isEmpty()) {
      data.set("chatHistory", Conversation.said(result.messages()));
    }
    List<Boolean> outputs =
        switch (outcome) {
          case NodeOutcome.Done _ -> null;
          case NodeOutcome.Branched(_, var taken) -> taken;
          case NodeOutcome.Paused _, NodeOutcome.LoopedBack _ ->
              throw new IllegalStateException("not yet");
        };
    int node = execution.step().index();
    record(execution, new Trail.Outcome(outputs, after), data, RunStatus.FINISHED, null);
    tokens.done(node, outputs, ready::add);
  }

  private void failed(Execution execution, RunStatus status, String message) {
    record(execution, null, data(execution.node()).put("error", message), status, message);
  }

  private void record(
      Execution execution,
      Trail.@Nullable Outcome outcome,
      ObjectNode data,
      RunStatus status,
      @Nullable String error) {
    FlowNode node = execution.node();
    var record = new NodeRecord(node.id(), node.label(), data, execution.previous(), status);
    trail.add(execution.step().index(), outcome, record, crew.hasOlder(execution));
    context.remember(record);
    ports.journal().nodeFinished(request.runId(), record);
    events.node(node, status, error);
    if (events.heard()) {
      events.executed(trail.records().stream().map(NodeRecord::toJson).toList());
    }
  }

  private static ObjectNode data(FlowNode node) {
    return Json.object().put("id", node.id()).put("name", node.name());
  }

  private RunResult end() {
    if (failure == null && !cancelled) {
      failure = stalled();
    }
    RunStatus status =
        failure != null ? RunStatus.ERROR : cancelled ? RunStatus.TERMINATED : RunStatus.FINISHED;
    if (status == RunStatus.FINISHED && !settings.sequentialBranches()) {
      trail.closeWith(joined(IntStream.range(0, flow.graph().size()).filter(tokens::isEnd)));
    }
    List<NodeRecord> records = trail.records().stream().map(CredentialIds::strip).toList();
    String error = failure != null ? failure : cancelled ? CANCELLED : null;
    String text = status == RunStatus.FINISHED ? answer(records) : " ";
    var result = new RunResult(status, text, records, null, error);
    ports.journal().finished(request, result);
    return result;
  }

  private @Nullable String stalled() {
    List<Integer> stalled = tokens.stalled();
    if (stalled.isEmpty()) {
      return null;
    }
    return "The flow came to a halt: these nodes were reached but never got everything they wait"
        + " for: "
        + stalled.stream()
            .map(node -> flow.graph().node(node).title())
            .collect(Collectors.joining(", "))
        + ". Check the edges and references into them.";
  }

  private static String answer(List<NodeRecord> records) {
    if (records.isEmpty()) {
      return " ";
    }
    JsonNode content = records.getLast().data().path("output").path("content");
    String text = JsonText.of(content);
    return text.isEmpty() ? " " : text;
  }
}
