package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import java.util.List;

/**
 * Searches tables of PostgreSQL that hold vectors (pgvector). A port: flows know no SQL.
 * Thread-safe; a search blocks its thread.
 */
@FunctionalInterface
public interface SqlVectors {
  /** Knows no database. */
  SqlVectors NONE =
      (table, query, cancellation) -> {
        throw new FlowException("Vectors in PostgreSQL cannot be searched by this process.");
      };

  /**
   * Returns the nearest rows, the nearest first.
   *
   * @throws FlowException when the database cannot be reached, has no such table or no pgvector
   */
  List<Found> search(Table table, VectorStore.Query query, Cancellation cancellation);

  /**
   * A table as Flowise makes them: {@code id, <content>, metadata jsonb, embedding vector}.
   *
   * @param host of the database; "" for Millrace's own
   * @param name of the table, with its schema or without
   * @param contentColumn usually {@code pageContent}
   * @param distance {@code cosine}, {@code euclidean} or {@code innerProduct}
   */
  record Table(
      String host,
      int port,
      String database,
      String user,
      String password,
      boolean ssl,
      String name,
      String contentColumn,
      String distance) {
    @Override
    public String toString() {
      return name + (host.isEmpty() ? "" : " of " + database + " at " + host + ":" + port);
    }
  }
}
