package dev.millrace.flows.script;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.net.HttpFetcher;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Runs scripts in processes of their own, one script at a time in each: what a script does to the
 * memory of its process, or to a JVM with a flaw, it does not do to ours. A process is used again
 * for the next script, and killed when its script was, or outlived its limits. Thread-safe.
 *
 * <p>A process has no environment and gets no secrets; what it fetches, it asks us for.
 */
public final class ProcessSandbox implements ScriptSandbox {
  /** What a process may take to start, to stop by itself and to write its answer. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final ScriptLimits limits;
  private final int megabytes;
  private final @Nullable HttpFetcher fetcher;
  private final Semaphore places;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<ScriptProcess> idle = new ArrayDeque<>(); // guarded by lock
  private boolean closed; // guarded by lock

  /**
   * @param limits of one script; {@link ScriptLimits#threads} is the number of processes
   * @param megabytes of heap that a process has
   * @param fetcher sends what scripts fetch; null where there is no network
   */
  public ProcessSandbox(ScriptLimits limits, int megabytes, @Nullable HttpFetcher fetcher) {
    this.limits = limits;
    this.megabytes = megabytes;
    this.fetcher = fetcher;
    this.places = new Semaphore(limits.threads());
  }

  @Override
  public JsonNode run(Script script, Cancellation cancellation) {
    cancellation.throwIfCancelled();
    enter();
    try {
      return runInProcess(script, cancellation);
    } finally {
      places.release();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      idle.forEach(ScriptProcess::kill);
      idle.clear();
    } finally {
      lock.unlock();
    }
  }

  private void enter() {
    try {
      if (!places.tryAcquire(limits.wall().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new ScriptException(
            "all %d script processes were busy for %s; start more workers or make the scripts shorter"
                .formatted(limits.threads(), limits.wall()),
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowCancelledException("the run was interrupted");
    }
  }

  private JsonNode runInProcess(Script script, Cancellation cancellation) {
    var process = take();
    var healthy = false;
    try (var _ = cancellation.onCancel(process::kill)) {
      var result = process.run(script, limits.wall().plus(GRACE), fetcher);
      healthy = true;
      return result;
    } catch (ScriptException e) {
      cancellation.throwIfCancelled();
      // What the script did wrong itself, its process has survived.
      healthy = process.isIdle();
      throw e;
    } finally {
      if (healthy) {
        giveBack(process);
      } else {
        process.kill();
      }
    }
  }

  private ScriptProcess take() {
    lock.lock();
    try {
      while (!idle.isEmpty()) {
        var process = idle.removeFirst();
        if (process.isIdle()) {
          return process;
        }
        process.kill();
      }
    } finally {
      lock.unlock();
    }
    return ScriptProcess.start(limits, megabytes, fetcher != null);
  }

  private void giveBack(ScriptProcess process) {
    lock.lock();
    try {
      if (closed) {
        process.kill();
      } else {
        idle.addFirst(process);
      }
    } finally {
      lock.unlock();
    }
  }
}
