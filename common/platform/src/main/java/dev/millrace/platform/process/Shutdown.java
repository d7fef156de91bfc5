package dev.millrace.platform.process;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
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
  private final CountDownLatch done = new CountDownLatch(1);
  private boolean started;

  private record Step(String name, AutoCloseable resource) {}

  /** Adds something to close; returns it. */
  public synchronized <T extends AutoCloseable> T add(String name, T resource) {
    steps.push(new Step(name, resource));
    return resource;
  }

  /** Closes everything when the JVM is told to stop; gives up after the limit. */
  public void onSignal(Duration limit) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  var closer = Thread.ofPlatform().daemon().name("shutdown").start(this::closeAll);
                  try {
                    if (!closer.join(limit)) {
                      LOG.error("not stopped within {} s, exiting all the same", limit.toSeconds());
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "signal"));
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
    done.countDown();
  }

  /** Blocks until everything was closed. */
  public void awaitDone() throws InterruptedException {
    done.await();
  }
}
