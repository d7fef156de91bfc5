package dev.millrace.worker;

import dev.millrace.bullmq.ActiveJob;
import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.Processor;
import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.platform.events.EventPublisher;
import dev.millrace.platform.prediction.PredictionJob;
import dev.millrace.platform.prediction.PredictionRunner;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Runs the jobs of the prediction queue. */
final class PredictionHandler implements Processor {
  private static final Logger LOG = LoggerFactory.getLogger(PredictionHandler.class);
  private static final Duration DELIVERY_LIMIT = Duration.ofSeconds(5);

  private final PredictionRunner runner;
  private final EventPublisher publisher;
  private final JsonMapper json;

  PredictionHandler(PredictionRunner runner, EventPublisher publisher, JsonMapper json) {
    this.runner = runner;
    this.publisher = publisher;
    this.json = json;
  }

  @Override
  public String process(ActiveJob active) {
    var job = parse(active.job(), json);
    // An earlier attempt that neither ended well nor badly: its worker died or was stopped.
    var again = active.job().attemptsStarted() > active.job().attemptsMade() + 1;
    var cancellation = new Cancellation();
    // The queue cancels when the job is no longer ours: its lock is lost, or this worker stops.
    active.onCancel(() -> cancellation.cancel(PredictionRunner.ABANDONED));
    if (!job.streaming()) {
      return runner.run(job, active.job().timestamp(), again, EventSink.NONE, cancellation);
    }
    var events = publisher.open(job.chatId(), job.ids().runId());
    try {
      return runner.run(job, active.job().timestamp(), again, events, cancellation);
    } finally {
      // The job's end may be seen only after its events were; see the server's fence.
      if (!events.awaitDelivered(DELIVERY_LIMIT)) {
        LOG.warn("job {}: not all events of its stream were delivered", active.id());
      }
    }
  }

  static PredictionJob parse(Job job, JsonMapper json) {
    var identity = job.queue() + ":" + job.id() + ":" + job.timestamp();
    return PredictionJob.parse(job.data(), identity, json);
  }
}
