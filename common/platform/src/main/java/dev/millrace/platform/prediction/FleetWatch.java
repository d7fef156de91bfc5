package dev.millrace.platform.prediction;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.RedisConnections;
import io.lettuce.core.RedisException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether all workers of a queue are ours, from the names of the connections that Redis
 * lists: BullMQ's workers call theirs {@code bull:<base64 of the queue's name>}, followed by {@code
 * :w:} and their own name if they have one.
 *
 * <p>Thread-safe; never waits. It asks while it is asked, so that an idle server costs nothing.
 */
public final class FleetWatch {
  /** What our workers call themselves, in {@code CLIENT LIST} and in the jobs they take. */
  public static final String NAME = "millrace";

  private static final Logger LOG = LoggerFactory.getLogger(FleetWatch.class);
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long STALE_NANOS = Duration.ofSeconds(5).toNanos();

  private final RedisConnections redis;
  private final Pattern worker;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile Seen last = new Seen(false, System.nanoTime() - STALE_NANOS);

  private record Seen(boolean onlyOurs, long atNanos) {}

  /**
   * @param prefix the prefix of the queue's keys, normally {@code bull}
   */
  public FleetWatch(RedisConnections redis, String prefix, String queue) {
    this.redis = redis;
    var name = Base64.getEncoder().encodeToString(queue.getBytes(StandardCharsets.UTF_8));
    worker = Pattern.compile(" name=" + Pattern.quote(prefix + ":" + name) + "(:w:(\\S+))?(?=\\s)");
  }

  /**
   * Returns whether ours were the queue's only workers some seconds ago. False while that is not
   * known, as with a Redis that does not list its clients.
   */
  boolean onlyOurs() {
    var seen = last;
    var age = System.nanoTime() - seen.atNanos();
    if (age > FRESH_NANOS && asking.compareAndSet(false, true)) {
      ask();
    }
    return seen.onlyOurs() && age < STALE_NANOS;
  }

  private void ask() {
    try {
      var _ =
          redis
              .shared()
              .async()
              .clientList()
              .whenComplete((clients, error) -> {
                if (error != null) {
                  LOG.debug("CLIENT LIST is not answered", error);
                } else {
                  last = new Seen(areOurs(clients), System.nanoTime());
                }
                asking.set(false);
              });
    } catch (BullMqException | RedisException e) {
      LOG.debug("CLIENT LIST cannot be asked for", e);
      asking.set(false);
    }
  }

  private boolean areOurs(String clients) {
    var workers = worker.matcher(clients);
    var ours = 0;
    while (workers.find()) {
      if (!NAME.equals(workers.group(2))) {
        return false;
      }
      ours++;
    }
    return ours > 0;
  }
}
