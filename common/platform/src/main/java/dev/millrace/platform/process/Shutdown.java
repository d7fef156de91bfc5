package dev.millrace.platform.process;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what a process opened, in reverse order, when it is told to stop (SIGTERM, Ctrl-C).
 *
 * <p>What is opened is added as soon as it is, so that a start that fails half-way also closes it.
 */
public final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

  private final Deque<Step> steps = new ArrayDeque<>();
  private boolean started;
  private volatile int exitCode;

  private record Step(String name, AutoCloseable resource) {}

  /** Adds something to close; returns it. */
  public synchronized <T extends AutoCloseable> T add(String name, T resource) {
    steps.push(new Step(name, resource));
    return resource;
  }

  /**
   * Closes everything when the JVM is told to stop, and exits with 0, as a service that was told to
   * stop and did; with 1 when that took longer than the limit.
   */
  public void onSignal(Duration limit) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(limit), "signal"));
  }

  /** Closes everything and ends the process with a code of the caller's. */
  public void exit(int code) {
    exitCode = code;
    System.exit(code);
  }

  private void stop(Duration limit) {
    var closer = Thread.ofPlatform().daemon().name("shutdown").start(this::closeAll);
    try {
      if (!closer.join(limit)) {
        LOG.error("not stopped within {} s, exiting all the same", limit.toSeconds());
        exitCode = 1;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Otherwise a JVM that got a SIGTERM exits with 143, however well it stopped.
    Runtime.getRuntime().halt(exitCode);
  }

  /** Closes everything now, once; a failure to close one thing does not spare the others. */
  public void closeAll() {
    synchronized (this) {
      if (started) {
        return;
      }
      started = true;
    }
    while (true) {
      Step step;
      synchronized (this) {
        step = steps.poll();
      }
      if (step == null) {
        break;
      }
      try {
        step.resource().close();
      } catch (Exception e) {
        LOG.warn("{} did not close cleanly", step.name(), e);
      }
    }
  }
}
