package dev.millrace.server.dashboard;

import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobFilter;
import dev.millrace.pgjobs.NewJob;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.PgJobsException;
import dev.millrace.pgjobs.Reschedule;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What can be done to background jobs; those that run are left alone. */
final class PgQueueActions implements QueueActions {
  private static final int AT_ONCE = 1_000;

  private final PgJobs jobs;
  private final PgQueue queue;
  private final String task;

  PgQueueActions(PgJobs jobs, PgQueue queue, String task) {
    this.jobs = jobs;
    this.queue = queue;
    this.task = task;
  }

  @Override
  public String add(String name, String data, String options) {
    try {
      var given = JsonMapper.shared().readTree(options);
      var job = NewJob.of(task, data);
      if (given.path("delay").canConvertToLong()) {
        job = job.withRunAt(Instant.now().plusMillis(Math.max(0, given.path("delay").asLong())));
      }
      if (given.path("attempts").canConvertToInt()) {
        job = job.withMaxAttempts(given.path("attempts").asInt());
      }
      if (given.path("priority").canConvertToInt()) {
        job = job.withPriority(given.path("priority").asInt());
      }
      return Long.toString(jobs.add(job).id());
    } catch (JacksonException | PgJobsException e) {
      throw BoardError.invalidBody("options").details(e.getMessage());
    }
  }

  @Override
  public void pause() {
    throw unknown("be paused");
  }

  @Override
  public void resume() {
    throw unknown("be resumed");
  }

  @Override
  public boolean isPaused() {
    return false;
  }

  @Override
  public void empty() {
    clean(PgQueue.WAITING);
    clean(PgQueue.DELAYED);
  }

  @Override
  public void obliterate(boolean force) {
    throw unknown("be deleted as a whole: empty it");
  }

  @Override
  public List<String> cleanable() {
    return List.of(PgQueue.FAILED, PgQueue.WAITING, PgQueue.DELAYED);
  }

  @Override
  public void clean(String state) {
    var found = all(state);
    while (!found.isEmpty() && !jobs.complete(ids(found)).isEmpty()) {
      found = all(state);
    }
  }

  @Override
  public void promoteAll() {
    var now = new Reschedule(Instant.now(), null, null, null);
    var found = all(PgQueue.DELAYED);
    while (!found.isEmpty() && !jobs.reschedule(ids(found), now).isEmpty()) {
      found = all(PgQueue.DELAYED);
    }
  }

  @Override
  public long retryAll(String state) {
    var count = 0L;
    var found = all(PgQueue.FAILED);
    while (state.equals(PgQueue.FAILED) && !found.isEmpty()) {
      var changed = jobs.reschedule(ids(found), Reschedule.again(Instant.now())).size();
      count += changed;
      found = changed == 0 ? List.of() : all(PgQueue.FAILED);
    }
    return count;
  }

  private List<Job> all(String state) {
    return PgQueue.stateOf(state)
        .map(known -> jobs.list(new JobFilter(known, task, 0, AT_ONCE)))
        .orElse(List.of());
  }

  private static List<Long> ids(List<Job> found) {
    return found.stream().map(Job::id).toList();
  }

  @Override
  public void concurrency(long limit) {
    throw unknown("have a limit here: it is JOBS_CONCURRENCY of each worker");
  }

  @Override
  public void rateLimit(@Nullable Long max, long duration) {
    throw unknown("have a rate limit");
  }

  @Override
  public void releaseRateLimit() {
    throw unknown("have a rate limit");
  }

  @Override
  public void retry(String id, String state) {
    reschedule(id, Reschedule.again(Instant.now()));
  }

  @Override
  public void promote(String id) {
    runAt(id, System.currentTimeMillis());
  }

  @Override
  public void remove(String id) {
    requireChanged(jobs.complete(List.of(found(id).id())));
  }

  @Override
  public void updateData(String id, String data) {
    throw unknown("change the payload of a job: add another");
  }

  @Override
  public void runAt(String id, long time) {
    reschedule(id, new Reschedule(Instant.ofEpochMilli(time), null, null, null));
  }

  @Override
  public void changePriority(String id, int priority) {
    reschedule(id, new Reschedule(null, priority, null, null));
  }

  private void reschedule(String id, Reschedule change) {
    requireChanged(jobs.reschedule(List.of(found(id).id()), change));
  }

  private Job found(String id) {
    return queue.find(id).orElseThrow(BoardError::jobNotFound);
  }

  private static void requireChanged(List<Job> changed) {
    if (changed.isEmpty()) {
      throw new BoardError(409, "JOB_LOCKED")
          .details("The job runs; it is left alone until it ends");
    }
  }

  @Override
  public long removeUnprocessedChildren(String id) {
    return 0;
  }

  @Override
  public boolean removeScheduler(String id) {
    return false;
  }

  @Override
  public String runScheduler(String id) {
    throw unknown("have schedulers: the crontab is a file");
  }

  @Override
  public void updateScheduler(String id, SchedulerTimes times) {
    throw unknown("have schedulers: the crontab is a file");
  }

  private static BoardError unknown(String what) {
    return new BoardError(400, "ACTION_NOT_SUPPORTED")
        .details("Background jobs in PostgreSQL cannot " + what);
  }
}
