package dev.millrace.flows.engine;

import dev.millrace.flows.engine.Execution.Answered;
import dev.millrace.flows.engine.Execution.End;
import dev.millrace.flows.engine.Execution.Work;
import dev.millrace.flows.engine.JournalEntry.Outcome;
import dev.millrace.flows.engine.Trail.Told;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the nodes of one canvas: a flow's own, or the inside of a container for one item. Everything
 * that decides happens on the thread of {@link #execute}; nodes that run side by side hand their
 * ends back to it, so nothing here needs a lock.
 *
 * <p>What an interrupted run had journalled is settled again first, in the order in which it ended
 * then, so that every decision comes out as it did.
 */
final class CanvasRun {
  /** What a record says of a node that was cut off. */
  static final String CANCELLED = "Flow execution was cancelled";

  private final Site site;
  private final Canvas canvas;
  private final RunContext run;
  private final EngineSettings settings;
  private final PathState initial;
  private final Cancellation cancellation;
  private final Tokens tokens;
  private final Trail trail;
  private final Crew crew;
  private final Deque<Integer> ready = new ArrayDeque<>();
  private final int[] visits;
  private final int[] loops;
  private final Map<Integer, Answered> answered = new HashMap<>();
  private final Map<String, ObjectNode> questions = new LinkedHashMap<>(); // by key
  private PathState latest;
  private int loopCount;
  private int executions;
  private boolean cancelled;
  private @Nullable String failure;

  CanvasRun(Site site, PathState initial, Cancellation cancellation) {
    this.site = site;
    this.canvas = site.canvas();
    this.run = site.run();
    this.settings = run.settings();
    this.initial = initial;
    this.loopCount = site.loopCount();
    this.latest = initial;
    this.cancellation = cancellation;
    this.tokens = new Tokens(canvas, site::again);
    this.trail = new Trail(canvas);
    this.crew =
        new Crew(
            execution -> execution.execute(site, cancellation),
            cancellation,
            settings.cancelGrace());
    this.visits = new int[canvas.size()];
    this.loops = new int[canvas.size()];
  }

  /** Runs until nothing can go on. */
  void execute() {
    tokens.start(ready::add);
    site.past().forEach(this::repeat);
    answered.keySet().forEach(ready::addFirst);
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
      settle(execution(next).abandoned());
    }
    if (failure == null && !cancelled && questions.isEmpty()) {
      failure = stalled();
    }
  }

  /** Returns why it failed, null when it did not. */
  @Nullable String failure() {
    return failure;
  }

  boolean wasCancelled() {
    return cancelled;
  }

  boolean wasInterrupted() {
    return crew.wasInterrupted();
  }

  /** Returns the {@code humanInputAction} of every open question, by its key, in order. */
  Map<String, ObjectNode> questions() {
    var ordered = new LinkedHashMap<String, ObjectNode>();
    for (Told told : trail.told()) {
      ObjectNode action = questions.get(told.key());
      if (action != null) {
        ordered.put(told.key(), action);
      }
    }
    return ordered;
  }

  Trail trail() {
    return trail;
  }

  /** Returns what all branches together have reached. */
  PathState reached() {
    return settings.sequentialBranches()
        ? latest
        : joined(IntStream.range(0, canvas.size()).filter(tokens::isEnd).toArray());
  }

  private void dispatch() {
    int limit = settings.sequentialBranches() ? 1 : settings.concurrentNodes();
    while (!ready.isEmpty() && crew.size() < limit && !stopping()) {
      if (!run.mayExecute()) {
        failure = run.exhausted();
        cancellation.cancel(failure);
        return;
      }
      Execution execution = execution(ready.remove());
      run.events().node(execution.node(), RunStatus.INPROGRESS, null);
      boolean alone = crew.size() == 0 && ready.isEmpty();
      if (alone || limit == 1) {
        settle(execution.execute(site, cancellation));
      } else {
        crew.start(execution);
      }
    }
  }

  private boolean stopping() {
    return failure != null || cancellation.isCancelled();
  }

  private Execution execution(int node) {
    List<String> previous =
        Arrays.stream(tokens.sources(node))
            .mapToObj(source -> canvas.graph().node(source).id())
            .toList();
    PathState before = settings.sequentialBranches() ? latest : joined(tokens.before(node));
    Answered answer = answered.remove(node);
    if (answer != null) {
      var pausedState = answer.question().record().data().get("state");
      PathState paused =
          before.after(
              pausedState instanceof ObjectNode state ? state : null, answer.question().messages());
      before = paused.withHistory(run.asTold(paused.history()));
    }
    return new Execution(
        executions++,
        site.key(node, visits[node]++),
        canvas.step(node),
        previous,
        before,
        loopCount,
        loops[node],
        answer,
        run.events().stream());
  }

  /** Returns what several paths together have reached, the later ones last. */
  private PathState joined(int[] nodes) {
    if (nodes.length == 0) {
      return initial;
    }
    return PathState.merged(
        Arrays.stream(nodes)
            .boxed()
            .sorted(Comparator.comparingInt(canvas::rank))
            .map(trail::after)
            .toList());
  }

  private void settle(End end) {
    switch (end) {
      case End.Succeeded(var execution, var work, var outcome) ->
          succeeded(execution, work, outcome);
      case End.Failed(var execution, var work, var message) -> failed(execution, work, message);
      case End.Cancelled(var execution, var work) -> {
        cancelled = true;
        ObjectNode data = site.data(execution.node()).put("error", CANCELLED);
        NodeRecord record = record(execution, data, RunStatus.TERMINATED);
        tell(execution, work, null, record, CANCELLED);
      }
      case End.Waiting(var execution, var work, var inside) -> {
        trail.add(execution.step().index(), null, work.inside(), crew.hasOlder(execution));
        questions.putAll(inside.questions());
        run.events().node(execution.node(), RunStatus.STOPPED, null);
      }
    }
  }

  private void succeeded(Execution execution, Work work, NodeOutcome outcome) {
    if (outcome instanceof NodeOutcome.LoopedBack(_, var target) && indexOf(target) < 0) {
      failed(
          execution,
          work,
          "Loop node "
              + execution.node().title()
              + " goes back to \""
              + target
              + "\", which is not beside it: choose a node on the same canvas.");
      return;
    }
    NodeOutcome.Result result = outcome.result();
    PathState after = execution.before().after(result.state(), result.messages());
    latest = latest.after(result.state(), result.messages());
    ObjectNode output = result.output();
    if (outcome instanceof NodeOutcome.Paused) {
      output = Json.shallowCopy(output);
      output.set("humanInputAction", Questions.action(execution.node(), result.input()));
    }
    ObjectNode data = site.data(execution.node());
    data.set("input", result.input());
    data.set("output", output);
    data.set("state", after.state());
    if (!result.messages().isEmpty()) {
      data.set("chatHistory", Conversation.said(result.messages()));
    }
    Outcome kept =
        switch (outcome) {
          case NodeOutcome.Done _ -> new Outcome.Done(null, false);
          case NodeOutcome.Branched(_, var taken) -> new Outcome.Done(taken, false);
          case NodeOutcome.LoopedBack(_, var target) -> new Outcome.LoopedBack(target);
          case NodeOutcome.Paused(_, var checkpoint) -> new Outcome.Paused(checkpoint);
        };
    RunStatus status = kept instanceof Outcome.Paused ? RunStatus.STOPPED : RunStatus.FINISHED;
    NodeRecord record = record(execution, data, status);
    tell(execution, work, trailOutcome(kept, after), record, null);
    var said = new ArrayList<ChatTurn>();
    if (execution.answer() != null) {
      said.addAll(execution.answer().question().messages());
    }
    said.addAll(result.messages());
    keep(execution, work, record, kept, said);
    goOn(execution, kept, record);
  }

  private void failed(Execution execution, Work work, String message) {
    int node = execution.step().index();
    NodePolicy.OnError onError = execution.step().policy().onError();
    boolean branches = onError == NodePolicy.OnError.BRANCH && tokens.hasErrorOutput(node);
    if (cancellation.isCancelled() || (onError != NodePolicy.OnError.CONTINUE && !branches)) {
      if (failure == null) {
        failure = message;
        cancellation.cancel("node " + execution.node().title() + " failed");
      }
      ObjectNode data = site.data(execution.node()).put("error", message);
      NodeRecord record = record(execution, data, RunStatus.ERROR);
      tell(execution, work, null, record, message);
      if (!site.isTop()) {
        // The run goes on with the next item, and may be interrupted there.
        keep(execution, work, record, new Outcome.Failed(message), List.of());
      }
      return;
    }
    ObjectNode data = site.data(execution.node());
    data.set("input", Json.object());
    data.set("output", Json.object().put("content", "").put("error", message));
    data.set("state", execution.before().state());
    NodeRecord record = record(execution, data, RunStatus.FINISHED);
    Outcome kept = new Outcome.Done(null, branches);
    tell(execution, work, trailOutcome(kept, execution.before()), record, null);
    keep(execution, work, record, kept, List.of());
    goOn(execution, kept, record);
  }

  private NodeRecord record(Execution execution, ObjectNode data, RunStatus status) {
    FlowNode node = execution.node();
    return new NodeRecord(node.id(), node.label(), site.closed(data), execution.previous(), status);
  }

  /** Adds to the story, and says so. */
  private void tell(
      Execution execution,
      Work work,
      Trail.@Nullable Outcome outcome,
      NodeRecord record,
      @Nullable String error) {
    var told = new ArrayList<>(work.inside());
    told.add(new Told(execution.key(), record));
    trail.add(execution.step().index(), outcome, told, crew.hasOlder(execution));
    site.remember(record);
    run.events().node(execution.node(), record.status(), error);
    if (site.isTop() && run.events().heard()) {
      run.events().executed(trail.told());
    }
  }

  private void keep(
      Execution execution, Work work, NodeRecord record, Outcome kept, List<ChatTurn> said) {
    NodeRunner runner = execution.step().runner();
    run.journal(
        new JournalEntry(
            execution.key(),
            record,
            kept,
            said,
            work.inside().stream().map(Told::key).toList(),
            work.inputsHash(),
            work.startedAt(),
            work.endedAt()),
        runner == null || runner.hasEffects());
  }

  private Trail.@Nullable Outcome trailOutcome(Outcome kept, PathState after) {
    return switch (kept) {
      case Outcome.Done(var outputs, var error) ->
          new Trail.Outcome.Went(new Taken(outputs, error), after);
      case Outcome.LoopedBack(var target) -> new Trail.Outcome.LoopedBack(indexOf(target), after);
      case Outcome.Paused _, Outcome.Failed _ -> null;
    };
  }

  private int indexOf(String id) {
    return canvas.graph().indexOf(id);
  }

  private void goOn(Execution execution, Outcome kept, NodeRecord record) {
    int node = execution.step().index();
    switch (kept) {
      case Outcome.Done(var outputs, var error) ->
          tokens.done(node, new Taken(outputs, error), ready::add);
      case Outcome.LoopedBack(var target) -> {
        loopCount = ++loops[node];
        tokens.loopedBack(node, indexOf(target), ready::add);
      }
      case Outcome.Paused _ -> questions.put(execution.key(), Questions.of(record));
      case Outcome.Failed _ -> {}
    }
  }

  /** Settles again what the run had journalled before it was interrupted. */
  private void repeat(JournalEntry entry) {
    if (failure != null) {
      return;
    }
    int node = site.nodeOf(entry.key());
    if (node < 0 || !site.key(node, visits[node]).equals(entry.key()) || !ready.remove(node)) {
      failure =
          "The run cannot go on where it was interrupted: the flow has changed since, and "
              + entry.record().nodeLabel()
              + " ("
              + entry.record().nodeId()
              + ") is not where it was. Ask again from the beginning.";
      return;
    }
    HumanAnswer human = run.answer(entry);
    if (human != null) {
      answered.put(node, new Answered(entry, human));
      return;
    }
    run.countRepeated(entry.record());
    Execution execution = execution(node);
    execution.stream().close();
    var state = entry.record().data().get("state");
    PathState after =
        execution
            .before()
            .after(state instanceof ObjectNode object ? object : null, entry.messages());
    latest = latest.after(state instanceof ObjectNode object ? object : null, entry.messages());
    var told = new ArrayList<>(run.told(entry.inside()));
    told.add(new Told(entry.key(), entry.record()));
    trail.add(node, trailOutcome(entry.outcome(), after), told, true);
    site.remember(entry.record());
    if (entry.outcome() instanceof Outcome.Failed(var message)) {
      failure = message;
    }
    goOn(execution, entry.outcome(), entry.record());
  }

  private @Nullable String stalled() {
    List<Integer> stalled = tokens.stalled();
    if (stalled.isEmpty()) {
      return null;
    }
    return "The flow came to a halt: these nodes were reached but never got everything they wait"
        + " for: "
        + stalled.stream()
            .map(node -> canvas.graph().node(node).title())
            .collect(Collectors.joining(", "))
        + ". Check the edges and references into them.";
  }
}
