package dev.millrace.flows.engine;

import dev.millrace.flows.engine.Execution.Answered;
import dev.millrace.flows.engine.Execution.End;
import dev.millrace.flows.engine.Execution.Work;
import dev.millrace.flows.engine.JournalEntry.Outcome;
import dev.millrace.flows.engine.Trail.Told;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final Site site;
  private final Canvas canvas;
  private final RunContext run;
  private final EngineSettings settings;
  private final Cancellation cancellation;
  private final Ledger ledger;
  private final Tokens tokens;
  private final Trail trail;
  private final Reached reached;
  private final Crew crew;
  private final Deque<Integer> ready = new ArrayDeque<>();
  private final int[] visits;
  private final int[] loops;
  private final int[] loopCounts; // of the loop that last made a node run again
  private final Map<Integer, Answered> answered = new HashMap<>();
  private final Map<String, ObjectNode> questions = new LinkedHashMap<>(); // by key
  private int executions;
  private boolean cancelled;
  private @Nullable String failure;

  CanvasRun(Site site, PathState initial, Cancellation cancellation) {
    this.site = site;
    this.canvas = site.canvas();
    this.run = site.run();
    this.settings = run.settings();
    this.cancellation = cancellation;
    this.ledger = new Ledger(site);
    this.tokens = new Tokens(canvas, this::again);
    this.trail = new Trail(canvas);
    this.reached = new Reached(canvas, tokens, trail, initial, settings.sequentialBranches());
    this.crew =
        new Crew(
            execution -> execution.execute(site, cancellation),
            cancellation,
            settings.cancelGrace());
    this.visits = new int[canvas.size()];
    this.loops = new int[canvas.size()];
    this.loopCounts = new int[canvas.size()];
    Arrays.fill(loopCounts, site.loopCount());
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
      failure = canvas.halt(tokens.stalled());
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
    return trail.inOrder(questions);
  }

  Trail trail() {
    return trail;
  }

  /** Returns what all branches together have reached. */
  PathState reached() {
    return reached.byAll();
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

  private void again(int loop, BitSet region) {
    region.stream().forEach(node -> loopCounts[node] = loops[loop]);
    site.again(region);
  }

  private boolean stopping() {
    return failure != null || cancellation.isCancelled();
  }

  private Execution execution(int node) {
    List<String> previous =
        Arrays.stream(tokens.sources(node))
            .mapToObj(source -> canvas.graph().node(source).id())
            .toList();
    PathState before = reached.before(node);
    Answered answer = answered.remove(node);
    if (answer != null) {
      PathState paused = before.after(answer.question());
      before = paused.withHistory(run.past().asTold(paused.history()));
    }
    return new Execution(
        executions++,
        site.key(node, visits[node]++),
        canvas.step(node),
        previous,
        before,
        loopCounts[node],
        loops[node],
        answer,
        run.events().stream());
  }

  private void settle(End end) {
    switch (end) {
      case End.Succeeded(var execution, var work, var outcome) ->
          succeeded(execution, work, outcome);
      case End.Failed(var execution, var work, var message) -> failed(execution, work, message);
      case End.Cancelled(var execution, var work) -> {
        cancelled = true;
        tell(execution, work, null, ledger.cancelled(execution), Ledger.CANCELLED);
      }
      case End.Waiting(var execution, var work, var inside) -> {
        trail.add(execution.step().index(), null, work.inside(), crew.hasOlder(execution));
        questions.putAll(inside.questions());
        run.events().node(execution.node(), RunStatus.STOPPED, null);
      }
    }
  }

  private void succeeded(Execution execution, Work work, NodeOutcome outcome) {
    if (outcome instanceof NodeOutcome.LoopedBack(_, var target)
        && canvas.graph().indexOf(target) < 0) {
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
    reached.now(after);
    Outcome kept = Ledger.outcome(outcome);
    NodeRecord record = ledger.succeeded(execution, result, kept, after);
    tell(execution, work, Trail.Outcome.of(kept, after, canvas), record, null);
    ledger.keep(execution, work, record, kept, result.messages());
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
      NodeRecord record = ledger.failed(execution, message);
      tell(execution, work, null, record, message);
      if (!site.isTop()) {
        // The run goes on with the next item, and may be interrupted there.
        ledger.keep(execution, work, record, new Outcome.Failed(message), List.of());
      }
      return;
    }
    Outcome kept = new Outcome.Done(null, branches);
    NodeRecord record = ledger.passedOn(execution, message);
    tell(execution, work, Trail.Outcome.of(kept, execution.before(), canvas), record, null);
    ledger.keep(execution, work, record, kept, List.of());
    goOn(execution, kept, record);
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

  private void goOn(Execution execution, Outcome kept, NodeRecord record) {
    int node = execution.step().index();
    switch (kept) {
      case Outcome.Done(var outputs, var error) ->
          tokens.done(node, new Taken(outputs, error), ready::add);
      case Outcome.LoopedBack(var target) -> {
        loops[node]++;
        tokens.loopedBack(node, canvas.graph().indexOf(target), ready::add);
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
    HumanAnswer human = run.past().answer(entry);
    if (human != null) {
      answered.put(node, new Answered(entry, human));
      return;
    }
    run.countRepeated(entry.record());
    Execution execution = execution(node);
    execution.stream().close();
    PathState after = execution.before().after(entry);
    reached.now(after);
    var told = new ArrayList<>(run.past().told(entry.inside()));
    told.add(new Told(entry.key(), entry.record()));
    trail.add(node, Trail.Outcome.of(entry.outcome(), after, canvas), told, true);
    site.remember(entry.record());
    if (entry.outcome() instanceof Outcome.Failed(var message)) {
      failure = message;
    }
    goOn(execution, entry.outcome(), entry.record());
  }
}
