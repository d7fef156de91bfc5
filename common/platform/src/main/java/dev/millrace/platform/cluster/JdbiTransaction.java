package dev.millrace.platform.cluster;

import dev.millrace.cluster.sync.Transaction;
import org.jdbi.v3.core.Handle;

/**
 * The transaction that a handle has open, as in {@code database.inTransaction(handle -> ...)}.
 *
 * @param handle used by the thread that owns it only
 */
public record JdbiTransaction(Handle handle) implements Transaction {
  @Override
  public void afterCommit(Runnable action) {
    handle.afterCommit(action);
  }
}
