package dev.millrace.flows.engine;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowCheck;
import dev.millrace.flows.model.FlowProblem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * Runs agentflows: every node whose inputs are there, side by side. Thread-safe; one engine serves
 * all runs of a process.
 */
public final class FlowEngine {
  private final NodeCatalog catalog;
  private final EngineSettings settings;
  private final InstantSource clock;
  private final CompiledFlows flows;

  public FlowEngine(NodeCatalog catalog, EngineSettings settings, InstantSource clock) {
    this.catalog = catalog;
    this.settings = settings;
    this.clock = clock;
    this.flows = new CompiledFlows(settings.cachedFlows(), flow -> CompiledFlow.of(flow, catalog));
  }

  /** Tells what is wrong with a flow; one with mere warnings may be saved and run. */
  public List<FlowProblem> check(Flow flow) {
    return new FlowCheck(catalog.supported()).check(flow);
  }

  /**
   * Runs a flow to its end on the calling thread, which should be a virtual one; branches get
   * virtual threads of their own. The compiled form of a flow is kept for as long as the same
   * {@link Flow} object is asked for now and then.
   *
   * @param cancellation ends the run as TERMINATED
   * @return how it ended; also failures of the flow and of its nodes end here, with status ERROR
   * @throws RuntimeException when the journal could not store something
   */
  public RunResult run(RunRequest request, RunPorts ports, Cancellation cancellation) {
    return run(request, ports, cancellation, Past.NONE);
  }

  /**
   * As {@link #run(RunRequest, RunPorts, Cancellation)}, going on with what the run has behind it:
   * nothing that is journalled is executed again.
   *
   * @param past from {@link RunJournal#past}, or with the answer of a human
   */
  public RunResult run(RunRequest request, RunPorts ports, Cancellation cancellation, Past past) {
    return run(request, ports, cancellation, List.of(request.flowId()), past);
  }

  /**
   * Runs a flow that another one calls.
   *
   * @param chain the ids of the flows that lead to it, its own last
   */
  RunResult run(
      RunRequest request,
      RunPorts ports,
      Cancellation cancellation,
      List<String> chain,
      Past past) {
    CompiledFlow flow = flows.get(request.flow());
    boolean again = !past.isNone();
    var called = new SubFlows(this, request, ports, chain, settings.maxFlowDepth(), again);
    var run = new FlowRun(flow, request, ports, settings, clock, catalog, called, past);
    RunResult ended = past.ended();
    return ended == null ? run.execute(cancellation) : run.filtered(ended);
  }

  Instant now() {
    return clock.instant();
  }
}
