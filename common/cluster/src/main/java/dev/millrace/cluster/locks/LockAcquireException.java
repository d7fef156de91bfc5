package dev.millrace.cluster.locks;

import java.time.Duration;

/** A lock did not become free in the time that the caller had for it. */
public class LockAcquireException extends RuntimeException {
  public LockAcquireException(String key, Duration waited) {
    super("lock " + key + " did not become free within " + waited + "; somebody else holds it");
  }
}
