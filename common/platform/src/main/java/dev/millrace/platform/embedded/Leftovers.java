package dev.millrace.platform.embedded;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Processes of a former owner that died. */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  /** Longer than the guard gives a store to stop. */
  private static final Duration GUARD_LIMIT = Duration.ofSeconds(15);

  private static final Duration FORCE_LIMIT = Duration.ofSeconds(10);

  private Leftovers() {}

  /** Waits until the guard has stopped the store, and stops by force what is there still. */
  static void end(StoreRecord record, String name) {
    var deadline = Deadline.in(GUARD_LIMIT);
    for (var running : record.processes()) {
      while (running.find().isPresent() && !deadline.passed()) {
        deadline.pause();
      }
    }
    for (var running : record.processes()) {
      running.find().ifPresent(process -> kill(process, name));
    }
  }

  private static void kill(ProcessHandle process, String name) {
    LOG.atWarn()
        .addKeyValue("store", name)
        .addKeyValue("pid", process.pid())
        .log("killing what a former owner left behind; its data is recovered from the log");
    process.destroyForcibly();
    try {
      process.onExit().get(FORCE_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw Deadline.interrupted(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new EmbeddedStoreException(
          "process " + process.pid() + " of a former " + name + " does not end; kill it", e);
    }
  }
}
