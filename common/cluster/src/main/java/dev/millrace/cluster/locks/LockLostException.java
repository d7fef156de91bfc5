package dev.millrace.cluster.locks;

/** A lock is not held any more: released, or its lease is over and somebody else may have it. */
public class LockLostException extends RuntimeException {
  public LockLostException(String key) {
    super("lock " + key + " is not held any more; nothing that it protects may be changed");
  }
}
