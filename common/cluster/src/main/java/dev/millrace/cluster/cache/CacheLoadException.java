package dev.millrace.cluster.cache;

/** A loader failed with a checked exception, which is the cause. */
public class CacheLoadException extends RuntimeException {
  CacheLoadException(String cache, String key, Throwable cause) {
    super("cannot compute " + key + " for cache " + cache + ": " + cause, cause);
  }
}
