package dev.millrace.server.dashboard;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.ChildKind;
import dev.millrace.bullmq.JobOperationException;
import dev.millrace.bullmq.JobOperations.Children;
import dev.millrace.bullmq.JobOperations.Reset;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.NodeJobOptions;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.WorkerOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be done to a BullMQ queue. */
final class BullActions implements QueueActions {
  /** Jobs that ended just now are not cleaned: somebody may still wait for them. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Queue queue;
  private final BullSchedulers schedulers;

  BullActions(Queue queue, BullSchedulers schedulers) {
    this.queue = queue;
    this.schedulers = schedulers;
  }

  @Override
  public String add(String name, String data, String options) {
    try {
      return queue.add(name, data, NodeJobOptions.read(options)).id();
    } catch (IllegalArgumentException e) {
      throw BoardError.invalidBody("options").details(e.getMessage());
    }
  }

  @Override
  public void pause() {
    queue.pause();
  }

  @Override
  public void resume() {
    queue.resume();
  }

  @Override
  public boolean isPaused() {
    return queue.isPaused();
  }

  @Override
  public void empty() {
    queue.maintenance().drain(false);
  }

  @Override
  public void obliterate(boolean force) {
    if (!queue.isPaused()) {
      throw new BoardError(400, "QUEUE_NOT_PAUSED");
    }
    try {
      queue.maintenance().obliterate(force);
    } catch (JobOperationException.QueueInUse e) {
      throw new BoardError(409, "QUEUE_HAS_ACTIVE_JOBS")
          .detailsKey("QUEUE_HAS_ACTIVE_JOBS_DETAILS");
    }
  }

  @Override
  public List<String> cleanable() {
    return BullQueue.STATES.stream()
        .filter(state -> state != JobState.WAITING_CHILDREN)
        .map(JobState::wireName)
        .toList();
  }

  @Override
  public void clean(String state) {
    // Node's programs say wait or waiting, and paused for those of a paused queue.
    var name = state.equals("wait") || state.equals("paused") ? "waiting" : state;
    if (!cleanable().contains(name)) {
      throw BoardError.invalid("INVALID_REQUEST_BODY")
          .details("Jobs in state " + state + " cannot be cleaned");
    }
    queue.maintenance().clean(BullQueues.state(name).orElseThrow(), GRACE, 0);
  }

  @Override
  public void promoteAll() {
    queue.maintenance().promoteJobs();
  }

  @Override
  public long retryAll(String state) {
    return queue.maintenance().retryJobs(BullQueues.state(state).orElseThrow());
  }

  @Override
  public void concurrency(long limit) {
    if (limit <= 0) {
      queue.settings().removeGlobalConcurrency();
    } else {
      queue.settings().globalConcurrency((int) Math.min(Integer.MAX_VALUE, limit));
    }
  }

  @Override
  public void rateLimit(@Nullable Long max, long duration) {
    if (max == null) {
      queue.settings().removeGlobalRateLimit();
    } else {
      queue
          .settings()
          .globalRateLimit(new WorkerOptions.RateLimit(max, Duration.ofMillis(duration)));
    }
  }

  @Override
  public void releaseRateLimit() {
    queue.settings().removeRateLimit();
  }

  @Override
  public void retry(String id, String state) {
    queue.jobs().retry(id, BullQueues.state(state).orElseThrow(), Reset.NOTHING);
  }

  @Override
  public void promote(String id) {
    try {
      queue.jobs().promote(id);
    } catch (JobOperationException.WrongState e) {
      throw notDelayed(id);
    }
  }

  @Override
  public void remove(String id) {
    var scheduler = schedulers.waitsFor(id);
    if (scheduler.isPresent()) {
      throw belongsTo(id, scheduler.get());
    }
    try {
      if (!queue.jobs().remove(id, Children.REMOVE)) {
        throw new BoardError(409, "JOB_IS_ACTIVE")
            .detailsKey("JOB_IS_ACTIVE_DETAILS")
            .option("jobId", id);
      }
    } catch (JobOperationException.Conflict e) {
      throw belongsTo(id, schedulers.madeBy(id).orElse("?"));
    }
  }

  private static BoardError belongsTo(String id, String scheduler) {
    return new BoardError(400, "JOB_BELONGS_TO_JOB_SCHEDULER")
        .detailsKey("JOB_BELONGS_TO_JOB_SCHEDULER_DETAILS")
        .option("jobId", id)
        .option("jobSchedulerId", scheduler)
        .code("JOB_BELONGS_TO_JOB_SCHEDULER")
        .schedulerId(scheduler);
  }

  @Override
  public void updateData(String id, String data) {
    queue.jobs().updateData(id, data);
  }

  @Override
  public void runAt(String id, long time) {
    var delay = Math.max(0, time - System.currentTimeMillis());
    try {
      queue.jobs().changeDelay(id, Duration.ofMillis(delay));
    } catch (JobOperationException.WrongState e) {
      throw notDelayed(id);
    }
  }

  private BoardError notDelayed(String id) {
    var state = queue.state(id);
    return state == JobState.UNKNOWN && queue.job(id).isEmpty()
        ? BoardError.jobNotFound()
        : new BoardError(400, "JOB_NOT_DELAYED").option("status", state.wireName());
  }

  @Override
  public void changePriority(String id, int priority) {
    queue.jobs().changePriority(id, priority);
  }

  @Override
  public long removeUnprocessedChildren(String id) {
    var children = queue.getters().children(id);
    var unprocessed = children.counts().unprocessed();
    if (unprocessed == 0) {
      throw new BoardError(400, "JOB_HAS_NO_UNPROCESSED_CHILDREN");
    }
    queue.jobs().removeUnprocessedChildren(id);
    return unprocessed - children.page(ChildKind.UNPROCESSED, "0", 1).children().size();
  }

  @Override
  public boolean removeScheduler(String id) {
    return queue.schedulers().remove(id);
  }

  @Override
  public String runScheduler(String id) {
    var scheduler = schedulers.find(id);
    var data = scheduler.data() == null ? "{}" : scheduler.data();
    return queue
        .add(scheduler.name(), data, NodeJobOptions.read(schedulers.templateOptions(scheduler)))
        .id();
  }

  @Override
  public void updateScheduler(String id, SchedulerTimes times) {
    try {
      schedulers.update(id, times);
    } catch (IllegalArgumentException | BullMqException e) {
      if (e instanceof JobOperationException || e instanceof IllegalArgumentException) {
        throw new BoardError(400, "INVALID_SCHEDULER_PATTERN").details(e.getMessage());
      }
      throw e;
    }
  }
}
