package dev.millrace.flows.engine;

/**
 * What a run talks to.
 *
 * @param store what it reads of the past
 * @param secrets where it finds credentials
 * @param journal what is told of its progress
 * @param events who hears it; {@link EventSink#NONE} costs nothing
 * @param flows where it finds the flows that it runs itself
 * @param files where it finds what a Flowise server stored
 */
public record RunPorts(
    FlowStore store,
    Secrets secrets,
    RunJournal journal,
    EventSink events,
    StoredFlows flows,
    StoredFiles files) {
  /** Ports of a run that finds no stored files. */
  public RunPorts(
      FlowStore store, Secrets secrets, RunJournal journal, EventSink events, StoredFlows flows) {
    this(store, secrets, journal, events, flows, StoredFiles.NONE);
  }

  /** Ports of a run that cannot run other flows. */
  public RunPorts(FlowStore store, Secrets secrets, RunJournal journal, EventSink events) {
    this(store, secrets, journal, events, StoredFlows.NONE);
  }

  RunPorts silent() {
    return new RunPorts(store, secrets, journal, EventSink.NONE, flows, files);
  }
}
