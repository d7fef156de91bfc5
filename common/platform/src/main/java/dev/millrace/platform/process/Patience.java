package dev.millrace.platform.process;

import dev.millrace.platform.db.DatabaseUnavailableException;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for a database that is still starting, as it does when everything starts together. */
public final class Patience {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private Patience() {}

  /**
   * Tries until it works.
   *
   * @throws DatabaseUnavailableException when the limit is over
   */
  public static <T> T untilDatabaseAnswers(Duration limit, Supplier<T> attempt)
      throws InterruptedException {
    var deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        return attempt.get();
      } catch (DatabaseUnavailableException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LOG.warn("waiting for PostgreSQL: {}", e.getMessage());
        Thread.sleep(PAUSE);
      }
    }
  }
}
