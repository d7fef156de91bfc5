package dev.millrace.platform.plugins;

import dev.millrace.cluster.sync.Transaction;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The tables of a plugin, in a schema of their own. Thread-safe. */
public interface PluginDatabase {
  /** Returns the schema's name, {@code plugin_<name>}; tables need not be qualified with it. */
  String schema();

  /**
   * Runs statements as one transaction, which is rolled back when {@code work} throws.
   *
   * @throws dev.millrace.platform.db.DatabaseUnavailableException when PostgreSQL is away
   */
  <R extends @Nullable Object> R inTransaction(Work<R> work);

  /** Statements of one transaction. */
  @FunctionalInterface
  interface Work<R extends @Nullable Object> {
    /**
     * Runs them.
     *
     * @param transaction to send sync messages with
     */
    R run(Handle handle, Transaction transaction);
  }
}
