package dev.millrace.platform.prediction;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.JobOutcome;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueEvent;
import dev.millrace.bullmq.QueueEvents;
import dev.millrace.platform.events.EventSubscriber;
import dev.millrace.platform.events.StreamEvent;
import dev.millrace.platform.prediction.PredictionException.Reason;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * MODE=queue: predictions travel to workers over Redis.
 *
 * <p>A stream is subscribed before its job is added, so that no event is published unheard. The
 * result is waited for on the queue's event stream, with a limit.
 */
public final class QueueDispatcher implements PredictionDispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(QueueDispatcher.class);
  private static final Duration REDIS_LIMIT = Duration.ofSeconds(5);

  private final Queue queue;
  private final QueueEvents events;
  private final FlowCarriage flows;
  private final EventSubscriber subscriber;
  private final JobOptions options;
  private final Duration limit;
  private final JsonMapper json;
  // Waiting jobs of this process by Aborts.key, so that an abort finds what no worker has yet.
  private final Map<String, Set<Waiting>> waiting = new ConcurrentHashMap<>();

  /**
   * @param limit how long a result is waited for
   * @param keepFor how long a finished job is kept in Redis; null means no limit
   * @param keepMost how many finished jobs are; null means no limit
   */
  public QueueDispatcher(
      Queue queue,
      QueueEvents events,
      FlowCarriage flows,
      EventSubscriber subscriber,
      Duration limit,
      @Nullable Duration keepFor,
      @Nullable Integer keepMost,
      JsonMapper json) {
    this.queue = queue;
    this.events = events;
    this.flows = flows;
    this.subscriber = subscriber;
    this.limit = limit;
    this.options = PredictionQueue.options(keepFor, keepMost);
    this.json = json;
    events.subscribe(Set.of(PredictionQueue.ABORT_EVENT), this::hear);
  }

  @Override
  public Handle start(PredictionJob job, @Nullable Consumer<StreamEvent> listener) {
    EventSubscriber.@Nullable Stream stream = null;
    try {
      if (listener != null) {
        stream = subscriber.subscribe(job.chatId(), job.ids().runId(), listener, REDIS_LIMIT);
      }
      // The run's id, not the queue's next number: after Redis has lost its data the numbers begin
      // again, and whoever still waits for an old one would get the answer of another's question.
      var id = job.ids().runId().toString();
      var reference = flows.reference(job).orElse(null);
      add(id, reference == null ? job.toJson(json) : job.toJson(reference, json));
      return new Waiting(job, id, reference == null, stream);
    } catch (BullMqException | RedisException e) {
      if (stream != null) {
        stream.close();
      }
      throw new PredictionException(
          Reason.UNAVAILABLE,
          "the prediction could not be queued, Redis does not take it: "
              + e.getMessage()
              + "; try again, and look at the server's REDIS_ settings if it stays so",
          e);
    }
  }

  @Override
  public void abort(String flowId, String chatId) {
    publishAbort(Aborts.key(flowId, chatId), null);
  }

  @Override
  public void close() {
    events.close();
    subscriber.close();
  }

  private void add(String id, String data) {
    queue.add(id, data, options.toBuilder().jobId(id).build());
  }

  private void publishAbort(String key, @Nullable UUID runId) {
    var fields = new HashMap<String, String>();
    fields.put("id", key);
    if (runId != null) {
      fields.put(PredictionQueue.ABORT_RUN, runId.toString());
    }
    try {
      queue.publishEvent(PredictionQueue.ABORT_EVENT, fields);
    } catch (BullMqException | RedisException e) {
      throw new PredictionException(
          Reason.UNAVAILABLE, "the abort could not be sent, Redis does not take it", e);
    }
  }

  /** Takes aborted jobs that no worker has yet out of the queue. */
  private void hear(QueueEvent event) {
    var jobs = waiting.get(event.fields().getOrDefault("id", ""));
    var run = event.fields().get(PredictionQueue.ABORT_RUN);
    if (jobs == null) {
      return;
    }
    // On threads of their own: this one has to go on reading events.
    for (var job : jobs) {
      if (run == null || run.equals(job.job.ids().runId().toString())) {
        Thread.ofVirtual().name("abort-", 0).start(job::removeIfWaiting);
      }
    }
  }

  private final class Waiting implements Handle {
    private final PredictionJob job;
    private final EventSubscriber.@Nullable Stream stream;
    private final CompletableFuture<String> result;
    private volatile String jobId;
    private volatile boolean aborted;

    Waiting(
        PredictionJob job, String jobId, boolean whole, EventSubscriber.@Nullable Stream stream) {
      this.job = job;
      this.jobId = jobId;
      this.stream = stream;
      waiting.computeIfAbsent(key(), k -> ConcurrentHashMap.newKeySet()).add(this);
      var outcome = events.whenOnlyFinished(jobId, limit);
      result =
          (whole ? outcome.copy() : outcome.thenCompose(this::tryWholeIfForeign))
              .exceptionallyCompose(error -> CompletableFuture.failedFuture(translate(error)))
              .thenApply(this::toResult);
    }

    @Override
    public CompletableFuture<String> result() {
      return result;
    }

    @Override
    public void settle() {
      if (stream == null) {
        return;
      }
      try {
        stream.fence(REDIS_LIMIT);
      } catch (RedisException e) {
        LOG.warn("run {}: the last events may be missing from its stream", job.ids().runId(), e);
      }
    }

    @Override
    public void cancel(String why) {
      LOG.info("run {} of job {} is cancelled: {}", job.ids().runId(), jobId, why);
      publishAbort(key(), job.ids().runId());
    }

    @Override
    public void close() {
      events.forget(jobId);
      waiting.computeIfPresent(
          key(),
          (k, jobs) -> {
            jobs.remove(this);
            return jobs.isEmpty() ? null : jobs;
          });
      if (stream != null) {
        stream.close();
      }
    }

    private void removeIfWaiting() {
      try {
        // Said first: the removal is seen at once, and by another thread.
        aborted = true;
        if (!queue.remove(jobId)) {
          aborted = false;
        }
      } catch (BullMqException | RedisException e) {
        LOG.warn("job {} was aborted but could not be taken out of the queue", jobId, e);
      }
    }

    /** Asks again with the whole flow when a worker had the job that reads no references. */
    private CompletableFuture<JobOutcome> tryWholeIfForeign(JobOutcome first) {
      return first instanceof JobOutcome.Failed
          ? CompletableFuture.supplyAsync(this::addWholeIfForeign, Thread::startVirtualThread)
              .thenCompose(again ->
                  again
                      ? events.whenOnlyFinished(jobId, limit)
                      : CompletableFuture.completedFuture(first))
          : CompletableFuture.completedFuture(first);
    }

    private boolean addWholeIfForeign() {
      if (aborted || queue.job(jobId).filter(FlowCarriage::failedBeyondUs).isEmpty()) {
        return false;
      }
      var again = jobId + "-whole";
      LOG.info(
          "job {} was taken by a worker that is not ours; it is added whole as {}", jobId, again);
      add(again, job.toJson(json));
      jobId = again;
      return true;
    }

    private PredictionException translate(Throwable thrown) {
      var error = thrown instanceof CompletionException wrapper ? wrapper.getCause() : thrown;
      return error instanceof TimeoutException
          ? PredictionException.timeout("job " + jobId + " in " + queue.name(), limit)
          : new PredictionException(
              Reason.UNAVAILABLE,
              "waiting for job " + jobId + " in " + queue.name() + " ended",
              error);
    }

    private String toResult(JobOutcome finished) {
      return switch (finished) {
        case JobOutcome.Completed(var returnvalue) -> returnvalue;
        case JobOutcome.Failed(var reason) -> throw PredictionException.ofFailedJob(reason);
        case JobOutcome.Gone _ -> throw gone();
      };
    }

    private PredictionException gone() {
      return aborted
          ? PredictionException.ofFailedJob(PredictionException.CANCELLED)
          : new PredictionException(
              Reason.UNAVAILABLE,
              "job "
                  + jobId
                  + " in "
                  + queue.name()
                  + " is gone from Redis before its result was seen; ask again");
    }

    private String key() {
      return Aborts.key(job.flowId(), job.chatId());
    }
  }
}
