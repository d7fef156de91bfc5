package dev.millrace.platform.prediction;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.flows.engine.Cancellation;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The runs of this process that can be aborted, and the aborts of late, for jobs that are taken up
 * after they were aborted.
 *
 * <p>Thread-safe.
 */
public final class Aborts {
  /** What the model or node that is cut off is told, and the client with it. */
  static final String REASON = "Aborted";

  private static final Duration REMEMBERED = Duration.ofHours(1);
  private static final int MOST_REMEMBERED = 10_000;

  private final Map<String, Set<Running>> running = new ConcurrentHashMap<>();
  private final Cache<String, Long> recent =
      Caffeine.newBuilder().expireAfterWrite(REMEMBERED).maximumSize(MOST_REMEMBERED).build();

  private record Running(UUID runId, Cancellation cancellation) {}

  /** Undoes the registration of a run. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /** Returns the key under which Flowise aborts: {@code <flowId>_<chatId>}. */
  public static String key(String flowId, String chatId) {
    return flowId + "_" + chatId;
  }

  /**
   * Registers a run; cancels it at once when it was aborted after it was enqueued.
   *
   * @param enqueuedAt in ms since the epoch
   */
  Registration register(String key, UUID runId, long enqueuedAt, Cancellation cancellation) {
    var entry = new Running(runId, cancellation);
    running.compute(
        key,
        (k, runs) -> {
          var set = runs == null ? ConcurrentHashMap.<Running>newKeySet() : runs;
          set.add(entry);
          return set;
        });
    // Looked up after the registration: an abort that comes in between finds the one or the other.
    if (wasAborted(key, enqueuedAt) || wasAborted(runId.toString(), enqueuedAt)) {
      cancellation.cancel(REASON);
    }
    return () ->
        running.computeIfPresent(
            key,
            (k, runs) -> {
              runs.remove(entry);
              return runs.isEmpty() ? null : runs;
            });
  }

  /**
   * Aborts the runs of a key that are here, and those enqueued before {@code at} that come later.
   *
   * @param runId only this one of them; null means all
   * @param at in ms since the epoch
   */
  public void abort(String key, @Nullable UUID runId, long at) {
    recent.put(runId == null ? key : runId.toString(), at);
    var runs = running.get(key);
    if (runs == null) {
      return;
    }
    for (var run : runs) {
      if (runId == null || runId.equals(run.runId())) {
        run.cancellation().cancel(REASON);
      }
    }
  }

  private boolean wasAborted(String key, long enqueuedAt) {
    var at = recent.getIfPresent(key);
    return at != null && at >= enqueuedAt;
  }
}
