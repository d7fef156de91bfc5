package dev.millrace.bullmq;

import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes jobs from Redis and gives them back finished, for one worker. Those that finish at the same
 * time travel together, and what travels back fills their slots.
 */
final class JobSource {
  private static final int CALLS = 2;
  private static final int BATCH = 100;
  private static final int BATCH_BYTES = 1 << 20;
  private static final int PENDING = 200_000;

  private final Scripts scripts;
  private final WorkerOptions options;
  private final Consumer<ActiveJob> onTaken;
  private final Coalescer<Finish, Finished> finishes;
  private final String workerId = UUID.randomUUID().toString();
  private final AtomicLong calls = new AtomicLong();
  private final ConcurrentLinkedQueue<String> lostTokens = new ConcurrentLinkedQueue<>();
  private volatile Taken last = Taken.UNKNOWN;
  private volatile Instant lastFetch = Instant.now();
  private volatile boolean closing;
  private volatile Gate gate = new Gate() {};

  /**
   * @param onTaken is told of every job as soon as it is this worker's
   */
  JobSource(Scripts scripts, WorkerOptions options, Consumer<ActiveJob> onTaken) {
    this.scripts = scripts;
    this.options = options;
    this.onTaken = onTaken;
    finishes =
        new Coalescer<>(
            CALLS,
            BATCH,
            BATCH_BYTES,
            PENDING,
            this::almostHalfOfRunning,
            Finish::size,
            this::send);
  }

  /**
   * The reply to a {@link Finish}.
   *
   * @param code 0, or why it was refused
   * @param next another job for the slot
   */
  record Finished(int code, @Nullable ActiveJob next) {}

  /** What the worker has to say about taking jobs. */
  interface Gate {
    /** Returns whether a slot whose job ended may go on with another. */
    default boolean isOpen() {
      return true;
    }

    /** Returns how many jobs run, those included whose end is on its way. */
    default int running() {
      return 1;
    }

    /** A call for jobs brought none. */
    default void foundNone() {}
  }

  /**
   * While the ends of about half of the jobs are on their way the other half runs: few calls, and
   * no pause in Redis. Of a few jobs less than half, as waiting for more would be a pause then.
   */
  private int almostHalfOfRunning() {
    return Math.clamp((gate.running() - 4) / 2, 1, BATCH);
  }

  void gate(Gate value) {
    gate = value;
  }

  /** Takes no jobs until a time, ms since 1970. */
  void limitUntil(long time) {
    last = new Taken(List.of(), false, time, 0);
  }

  /** Returns what the latest call that took jobs had to say. */
  Taken last() {
    return last;
  }

  /** Returns when Redis last answered a question for jobs. */
  Instant lastFetch() {
    return lastFetch;
  }

  void sawRedis() {
    lastFetch = Instant.now();
  }

  /** Makes the worker look for jobs before it waits for them. */
  void forget() {
    last = Taken.UNKNOWN;
  }

  /** A processor found that no job may start for a time. */
  private void limited(Duration duration) {
    if (duration.isPositive()) {
      limitUntil(now() + duration.toMillis());
    }
  }

  /** As {@link Scripts#now}. */
  long now() {
    return scripts.now();
  }

  /** Takes no more jobs from now on. */
  void close() {
    closing = true;
  }

  /** Takes up to {@code count} jobs. */
  Taken fetch(int count) {
    var now = now();
    var token = nextToken();
    var arguments = scripts.arguments(now);
    addWorker(arguments, count, token);
    var nanos = System.nanoTime();
    try {
      var reply = Scripts.join(scripts.send(Script.FETCH, arguments), "fetch");
      return took(reply, count, token, now, nanos);
    } catch (RedisUnavailableException e) {
      lost(e, token);
      throw e;
    }
  }

  /** A call for one job that Redis is to run later, by its own clock. */
  record Later(Scripts scripts, String token, List<String> arguments) {
    /** Sends it on a connection of the caller's; its script must have been called before. */
    CompletableFuture<List<Object>> send(RedisAsyncCommands<String, String> connection) {
      return scripts.sendBehind(connection, Script.FETCH, arguments);
    }
  }

  /**
   * Makes a call for a job that another command holds up.
   *
   * @param serverAheadMillis how far the server's clock is ahead of ours
   */
  Later fetchLater(long serverAheadMillis) {
    var token = nextToken();
    var arguments = scripts.arguments(now());
    addWorker(arguments, 1, token);
    arguments.add(Long.toString(serverAheadMillis));
    return new Later(scripts, token, arguments);
  }

  /** Returns what came of it. */
  Taken took(Later call, List<Object> reply) {
    return took(reply, 1, call.token(), now(), System.nanoTime());
  }

  /** Its reply got lost: whatever it took is to be given back. */
  void abandon(Later call) {
    forget();
    lostTokens.add(call.token());
  }

  /** Ends an attempt. */
  CompletableFuture<Finished> finish(Finish finish) {
    return scripts.tracing().finish(finish, finishes.submit(finish));
  }

  /** Returns whether jobs may have been handed out in replies that got lost. */
  boolean hasLost() {
    return !lostTokens.isEmpty();
  }

  /** Gives back the jobs that were handed out in replies that got lost. */
  void reclaimLost() {
    var tokens = new ArrayList<String>();
    for (var token = lostTokens.poll(); token != null; token = lostTokens.poll()) {
      tokens.add(token);
    }
    if (tokens.isEmpty()) {
      return;
    }
    var arguments = scripts.arguments(now());
    arguments.addAll(tokens);
    try {
      scripts.call(Script.RECLAIM, arguments);
    } catch (BullMqException e) {
      lostTokens.addAll(tokens);
      throw e;
    }
  }

  private CompletableFuture<List<Finished>> send(List<Finish> batch) {
    var now = now();
    var token = nextToken();
    var count =
        closing || !gate.isOpen() ? 0 : (int) batch.stream().filter(Finish::fetchNext).count();
    var arguments = scripts.arguments(now);
    addWorker(arguments, count, token);
    batch.forEach(finish -> finish.addArguments(arguments));
    var nanos = System.nanoTime();
    return scripts
        .send(Script.FINISH, arguments)
        .thenApply(reply -> finished(batch, reply, count, token, now, nanos))
        .exceptionally(e -> {
          if (RedisErrors.unwrap(e) instanceof RedisUnavailableException away && count > 0) {
            lost(away, token);
          }
          throw new CompletionException(RedisErrors.unwrap(e));
        });
  }

  private List<Finished> finished(
      List<Finish> batch, List<Object> reply, int count, String token, long now, long nanos) {
    var codes = (List<?>) reply.getFirst();
    var jobs = List.<ActiveJob>of();
    if (count > 0) {
      jobs = took((List<?>) reply.get(1), count, token, now, nanos).jobs();
    }
    var finished = new ArrayList<Finished>(batch.size());
    var given = 0;
    for (var i = 0; i < batch.size(); i++) {
      var next = batch.get(i).fetchNext() && given < jobs.size() ? jobs.get(given++) : null;
      finished.add(new Finished(((Long) codes.get(i)).intValue(), next));
    }
    return finished;
  }

  private Taken took(List<?> reply, int count, String token, long now, long nanos) {
    var jobs = new ArrayList<ActiveJob>();
    for (var entry : (List<?>) reply.getFirst()) {
      var pair = (List<?>) entry;
      var job =
          JobHash.read(
              scripts.keys().queue(), String.valueOf(pair.getFirst()), (List<?>) pair.get(1));
      var active = new ActiveJob(job, token, scripts, nanos - sinceTaken(job, now), this::limited);
      onTaken.accept(active);
      jobs.add(active);
    }
    var limit = (Long) reply.get(1);
    var taken =
        new Taken(jobs, jobs.size() >= count, limit > 0 ? now + limit : 0, (Long) reply.get(2));
    last = taken;
    if (jobs.isEmpty()) {
      gate.foundNone();
    }
    sawRedis();
    return taken;
  }

  /** Returns how many ns before a time the job was taken, as far as is known. */
  private static long sinceTaken(Job job, long now) {
    var at = job.processedOn();
    return at == null ? 0 : TimeUnit.MILLISECONDS.toNanos(Math.max(0, now - at));
  }

  private void addWorker(List<String> arguments, int count, String token) {
    arguments.add(Integer.toString(count));
    arguments.add(token);
    arguments.add(Long.toString(options.lockDuration().toMillis()));
    arguments.add(options.name());
    var limiter = options.limiter();
    arguments.add(limiter == null ? "" : Long.toString(limiter.max()));
    arguments.add(limiter == null ? "" : Long.toString(limiter.duration().toMillis()));
    var metrics = options.metrics();
    arguments.add(metrics == null ? "" : metrics.toString());
  }

  private void lost(RedisUnavailableException error, String token) {
    forget();
    if (error.mayHaveTakenEffect()) {
      lostTokens.add(token);
    }
  }

  private String nextToken() {
    return workerId + ":" + calls.getAndIncrement();
  }
}
