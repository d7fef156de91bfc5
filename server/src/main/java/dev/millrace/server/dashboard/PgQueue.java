package dev.millrace.server.dashboard;

import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobFilter;
import dev.millrace.pgjobs.JobFilter.State;
import dev.millrace.pgjobs.Payload;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.platform.jobs.JobJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The jobs of one task in PostgreSQL, those first that run first. */
final class PgQueue implements BoardQueue {
  static final String ACTIVE = "active";
  static final String WAITING = "waiting";
  static final String DELAYED = "delayed";
  static final String FAILED = "failed";

  private static final List<String> STATES = List.of(ACTIVE, WAITING, FAILED, DELAYED);
  private static final int MOST = 1_000;

  /** Bytes of a payload that a list shows, and a page of one job. */
  private static final int SHORT = 64 << 10;

  private static final int LONG = 5 << 20;

  private final PgJobs jobs;
  private final String name;
  private final String task;

  PgQueue(PgJobs jobs, String name, String task) {
    this.jobs = jobs;
    this.name = name;
    this.task = task;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> states() {
    return STATES;
  }

  /** Returns the state of ours that a state of the pages is. */
  static Optional<State> stateOf(String state) {
    return switch (state) {
      case ACTIVE -> Optional.of(State.LOCKED);
      case WAITING -> Optional.of(State.READY);
      case DELAYED -> Optional.of(State.WAITING);
      case FAILED -> Optional.of(State.DEAD);
      default -> Optional.empty();
    };
  }

  @Override
  public List<BoardJob> jobs(List<String> states, long start, long end) {
    var found = new ArrayList<Job>();
    var limit = Math.clamp(end - start + 1, 1, MOST);
    for (var state : states) {
      stateOf(state)
          .ifPresent(known ->
              found.addAll(
                  jobs.list(new JobFilter(known, task, Math.clamp(start, 0, 1 << 30), limit))));
    }
    return read(found, SHORT);
  }

  @Override
  public Optional<BoardJob> job(String id) {
    return find(id).map(job -> read(List.of(job), LONG).getFirst());
  }

  /** Returns a job of this task. */
  Optional<Job> find(String id) {
    return id.matches("\\d{1,18}")
        ? jobs.find(Long.parseLong(id)).filter(job -> job.task().equals(task))
        : Optional.empty();
  }

  @Override
  public String state(String id) {
    return find(id).map(PgQueue::state).orElse("unknown");
  }

  private static String state(Job job) {
    if (job.lockedAt() != null) {
      return ACTIVE;
    }
    if (job.isDead()) {
      return FAILED;
    }
    return job.runAt().isAfter(Instant.now()) ? DELAYED : WAITING;
  }

  @Override
  public List<String> logs(String id) {
    return List.of();
  }

  @Override
  public QueueActions actions() {
    return new PgQueueActions(jobs, this, task);
  }

  private List<BoardJob> read(List<Job> found, int longest) {
    var payloads = jobs.payloads(found.stream().map(Job::id).toList(), longest);
    return found.stream()
        .map(job -> read(job, payloads.getOrDefault(job.id(), new Payload("null", 0))))
        .toList();
  }

  private static BoardJob read(Job job, Payload payload) {
    var delay = Duration.between(job.createdAt(), job.runAt()).toMillis();
    return new BoardJob(
        Long.toString(job.id()),
        job.task(),
        job.createdAt().toEpochMilli(),
        millis(job.lockedAt()),
        job.lockedBy(),
        job.isDead() ? job.updatedAt().toEpochMilli() : null,
        "0",
        job.attempts(),
        job.lastError(),
        List.of(),
        Math.max(0, delay),
        options(job).toString(),
        payload.text(),
        null,
        new BoardJob.Diagnostics(Math.max(0, job.priority()), job.attempts(), 0, job.key(), null),
        payload.text() == null ? payload.bytes() : 0,
        0);
  }

  private static ObjectNode options(Job job) {
    var options = JobJson.of(job);
    options.retain(
        "queueName", "priority", "runAt", "maxAttempts", "key", "flags", "revision", "lockedBy");
    return options.put("attempts", job.maxAttempts());
  }

  private static @Nullable Long millis(@Nullable Instant time) {
    return time == null ? null : time.toEpochMilli();
  }
}
