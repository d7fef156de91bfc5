package dev.millrace.flows.engine;

import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of a flow, from its first event to the journal's last entry. */
final class FlowRun {
  private final CompiledFlow flow;
  private final RunRequest request;
  private final RunPorts ports;
  private final EngineSettings settings;
  private final Cancellation cancellation = new Cancellation();
  private final RunContext context;
  private final CanvasRun canvas;
  private final AnswerFilter answers;
  private final FollowUps followUps;
  private volatile boolean late;

  FlowRun(
      CompiledFlow flow,
      RunRequest request,
      RunPorts ports,
      EngineSettings settings,
      InstantSource clock,
      NodeCatalog catalog,
      SubFlows called,
      Past past) {
    this.flow = flow;
    this.answers = catalog.answers();
    this.followUps = catalog.followUps();
    this.request = request;
    this.ports = ports;
    this.settings = settings;
    this.context =
        new RunContext(
            request,
            ports,
            settings,
            clock,
            cancellation,
            called,
            catalog.supported().nodes(),
            past);
    this.canvas = new CanvasRun(Site.top(context, flow.canvas()), PathState.EMPTY, cancellation);
  }

  RunResult execute(Cancellation caller) {
    // A failing node ends its siblings through the run's own token, which is not the caller's.
    try (var _ = caller.onCancel(() -> cancellation.cancel(String.valueOf(caller.reason())));
        var _ = deadline()) {
      ports.journal().started(request);
      String obstacle = flow.obstacle();
      if (obstacle != null) {
        return finished(new RunResult(RunStatus.ERROR, " ", List.of(), null, obstacle));
      }
      RunEvents events = context.events();
      events.run(RunStatus.INPROGRESS);
      canvas.execute();
      RunResult result = result();
      if (result.status() == RunStatus.STOPPED) {
        // Flowise says it when the flow stops, and once more when the run ends.
        events.run(RunStatus.STOPPED);
        canvas.questions().values().forEach(events::action);
      }
      var _ = finished(result);
      events.run(result.status());
      return result;
    } finally {
      // Also when the journal failed: nobody waits any more for what is still at work.
      cancellation.cancel("the run has ended");
      if (canvas.wasInterrupted()) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Timer deadline() {
    if (settings.deadline().isZero()) {
      return Timer.NONE;
    }
    return Timer.start(
        settings.deadline(),
        () -> {
          late = true;
          cancellation.cancel("the run's time is over");
        });
  }

  private RunResult finished(RunResult result) {
    ports.journal().finished(request, result);
    return result;
  }

  private RunResult result() {
    String failure = context.fatal() != null ? context.fatal() : canvas.failure();
    boolean asks = !canvas.questions().isEmpty();
    RunStatus status = status(failure, asks);
    List<NodeRecord> told =
        status == RunStatus.FINISHED && !settings.sequentialBranches()
            ? canvas.trail().closedWith(canvas.reached())
            : canvas.trail().records();
    List<NodeRecord> records = told.stream().map(CredentialIds::strip).toList();
    return switch (status) {
      case FINISHED -> shown(answered(RunResult.stored(status, records)), true);
      case STOPPED -> shown(RunResult.stored(status, records), true);
      case TERMINATED -> terminated(records);
      case TIMEOUT -> timedOut(records, asks);
      // A human whose answer led to this may answer again.
      case ERROR, INPROGRESS -> new RunResult(status, " ", records, null, failure, asks);
    };
  }

  private static RunResult terminated(List<NodeRecord> records) {
    return new RunResult(RunStatus.TERMINATED, " ", records, null, Ledger.CANCELLED, false);
  }

  private RunResult timedOut(List<NodeRecord> records, boolean asks) {
    return new RunResult(RunStatus.TIMEOUT, " ", records, null, tooLate(), asks);
  }

  /** Returns a result that was there already as the flow's owner wants it to be shown. */
  RunResult filtered(RunResult result) {
    return shown(result, false);
  }

  /**
   * @param goesOn whether to suggest how the conversation may go on
   */
  private RunResult shown(RunResult result, boolean goesOn) {
    var run =
        new AnswerFilter.Run(
            request,
            context.finalInput(),
            () -> Conversation.stored(context.pastHistory()),
            context::variables,
            cancellation);
    try {
      RunResult shown = result.withText(answers.filter(result, run));
      return goesOn
          ? shown.withFollowUps(followUps.after(shown.text(), run, ports.secrets()))
          : shown;
    } catch (FlowCancelledException e) {
      boolean asks = result.resumable();
      return late ? timedOut(result.records(), asks) : terminated(result.records());
    }
  }

  private RunResult answered(RunResult result) {
    boolean blank =
        result.text().isBlank() && !settings.compat().contains(Compat.EMPTY_ANSWER_IS_SPACE);
    return blank
        ? new RunResult(result.status(), "", result.records(), result.action(), result.error())
        : result;
  }

  private RunStatus status(@Nullable String failure, boolean asks) {
    if (late) {
      return RunStatus.TIMEOUT;
    }
    if (failure != null) {
      return RunStatus.ERROR;
    }
    if (canvas.wasCancelled()) {
      return RunStatus.TERMINATED;
    }
    return asks ? RunStatus.STOPPED : RunStatus.FINISHED;
  }

  private String tooLate() {
    return "The run took longer than the "
        + settings.deadline().toSeconds()
        + " s that a run may take; raise FLOW_DEADLINE if the flow needs more.";
  }
}
