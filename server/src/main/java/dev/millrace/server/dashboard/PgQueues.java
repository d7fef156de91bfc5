package dev.millrace.server.dashboard;

import dev.millrace.pgjobs.JobCounts;
import dev.millrace.pgjobs.PgJobsException;
import dev.millrace.pgjobs.Runner;
import dev.millrace.platform.jobs.BackgroundJobs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background jobs in PostgreSQL, a queue for each task, called {@code schema:task}. Jobs that
 * are done are deleted there, so none is ever completed.
 */
public final class PgQueues implements QueueSource {
  private static final Logger LOG = LoggerFactory.getLogger(PgQueues.class);

  private final BackgroundJobs jobs;
  private final String prefix;

  /**
   * @param jobs the jobs; nothing is shown while their schema is not there
   */
  public PgQueues(BackgroundJobs jobs) {
    this.jobs = jobs;
    prefix = jobs.untouched().options().name() + ":";
  }

  @Override
  public List<QueueSummary> summaries() {
    try {
      if (jobs.untouched().revision() == 0) {
        return List.of();
      }
      var working = hasRunners();
      return jobs.untouched().counts().stream()
          .filter(counts -> !counts.task().isEmpty())
          .map(counts -> summary(counts, working))
          .toList();
    } catch (PgJobsException e) {
      LOG.warn("the dashboard shows no background jobs: {}", e.getMessage());
      return List.of();
    }
  }

  @Override
  public Optional<BoardQueue> find(String name) {
    return name.startsWith(prefix) && name.length() > prefix.length()
        ? Optional.of(queue(name.substring(prefix.length())))
        : Optional.empty();
  }

  private PgQueue queue(String task) {
    return new PgQueue(jobs.untouched(), prefix + task, task);
  }

  /** Null when there is none of ours: Node's workers give no sign of life. */
  private @Nullable Boolean hasRunners() {
    return jobs.untouched().runners().stream().anyMatch(Runner::isAlive) ? true : null;
  }

  private QueueSummary summary(JobCounts counts, @Nullable Boolean working) {
    Map<String, Long> states = new LinkedHashMap<>();
    states.put(PgQueue.ACTIVE, counts.locked());
    states.put(PgQueue.WAITING, counts.ready());
    states.put(PgQueue.DELAYED, counts.waiting());
    states.put(PgQueue.FAILED, counts.dead());
    return new QueueSummary(queue(counts.task()), states, false, null, 0, 0, working);
  }
}
