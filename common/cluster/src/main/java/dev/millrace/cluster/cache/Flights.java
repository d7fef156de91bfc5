package dev.millrace.cluster.cache;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What is being computed in this process, so that nobody computes the same beside it. */
final class Flights<V> {
  private final String cache;
  private final Duration limit;
  private final Map<String, CompletableFuture<@Nullable V>> flights = new ConcurrentHashMap<>();

  Flights(String cache, Duration limit) {
    this.cache = cache;
    this.limit = limit;
  }

  /**
   * Computes, or waits for who does. Who waits longer than the limit computes as well: the other
   * may be stuck, or be a caller of this one.
   */
  @Nullable V get(String key, Loader<? extends @Nullable V> work) {
    var mine = new CompletableFuture<@Nullable V>();
    var other = flights.putIfAbsent(key, mine);
    if (other == null) {
      return compute(key, mine, work);
    }
    try {
      return other.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return load(key, work);
    } catch (ExecutionException e) {
      throw failure(key, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CacheLoadException(cache, key, e);
    }
  }

  private @Nullable V compute(
      String key, CompletableFuture<@Nullable V> mine, Loader<? extends @Nullable V> work) {
    try {
      var value = work.load();
      flights.remove(key, mine);
      mine.complete(value);
      return value;
    } catch (Throwable e) {
      flights.remove(key, mine);
      mine.completeExceptionally(e);
      throw failure(key, e);
    }
  }

  private @Nullable V load(String key, Loader<? extends @Nullable V> work) {
    try {
      return work.load();
    } catch (Exception e) {
      throw failure(key, e);
    }
  }

  private RuntimeException failure(String key, @Nullable Throwable error) {
    return switch (error) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      case InterruptedException e -> {
        Thread.currentThread().interrupt();
        yield new CacheLoadException(cache, key, e);
      }
      case null -> new IllegalStateException("a loader failed without a cause");
      default -> new CacheLoadException(cache, key, error);
    };
  }
}
