package dev.millrace.platform.prediction;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.flows.engine.FlowEvent;
import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.flows.engine.Past;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import java.util.UUID;

/**
 * Keeps a run silent once its worker has given the job up: another worker owns the run from then
 * on, and two must neither write its row nor speak to its stream.
 */
final class UnlessAbandoned implements RunJournal, EventSink {
  private final Cancellation cancellation;
  private final RunJournal journal;
  private final EventSink events;

  UnlessAbandoned(Cancellation cancellation, RunJournal journal, EventSink events) {
    this.cancellation = cancellation;
    this.journal = journal;
    this.events = events;
  }

  @Override
  public void started(RunRequest run) {
    if (isOurs()) {
      journal.started(run);
    }
  }

  @Override
  public Receipt nodeFinished(UUID runId, JournalEntry entry) {
    return isOurs() ? journal.nodeFinished(runId, entry) : Receipt.DURABLE;
  }

  @Override
  public Past past(UUID runId) {
    return journal.past(runId);
  }

  @Override
  public void finished(RunRequest run, RunResult result) {
    if (isOurs()) {
      journal.finished(run, result);
    }
  }

  @Override
  public void emit(FlowEvent event) {
    if (isOurs()) {
      events.emit(event);
    }
  }

  private boolean isOurs() {
    return !PredictionRunner.ABANDONED.equals(cancellation.reason());
  }
}
