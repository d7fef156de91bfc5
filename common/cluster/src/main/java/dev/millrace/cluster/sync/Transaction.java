package dev.millrace.cluster.sync;

/** A database transaction that is open. The platform says what kinds there are. */
public interface Transaction {
  /** Runs an action once the transaction has committed; never when it rolls back. */
  void afterCommit(Runnable action);
}
