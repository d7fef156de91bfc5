package dev.millrace.platform.prediction;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.Job;
import io.lettuce.core.RedisException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides how jobs carry their flows: by reference while all workers are ours, whole while
 * Flowise's are there too, which know of no references. Thread-safe.
 */
public final class FlowCarriage {
  private static final Logger LOG = LoggerFactory.getLogger(FlowCarriage.class);

  private final FleetWatch fleet;
  private final SharedFlows flows;

  public FlowCarriage(FleetWatch fleet, SharedFlows flows) {
    this.fleet = fleet;
    this.flows = flows;
  }

  /** Returns what the job carries instead of its flow; nothing when it has to carry it whole. */
  Optional<String> reference(PredictionJob job) {
    if (!fleet.onlyOurs()) {
      return Optional.empty();
    }
    try {
      return Optional.of(flows.reference(job.flowId(), job.chatflowJson()));
    } catch (BullMqException | RedisException e) {
      LOG.warn("flow {} could not be put into Redis; its job carries it", job.flowId(), e);
      return Optional.empty();
    }
  }

  /** Returns whether a worker that cannot read a reference failed a job: one that just joined. */
  static boolean failedBeyondUs(Job job) {
    return !FleetWatch.NAME.equals(job.processedBy());
  }
}
