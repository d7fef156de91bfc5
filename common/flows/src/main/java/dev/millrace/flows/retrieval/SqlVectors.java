package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import java.util.List;

/**
 * Searches and writes tables of PostgreSQL that hold vectors (pgvector). A port: flows know no SQL.
 * Thread-safe; every call blocks its thread.
 */
public interface SqlVectors {
  /** Knows no database. */
  SqlVectors NONE = new NoSqlVectors();

  /**
   * Returns the nearest rows, the nearest first.
   *
   * @throws FlowException when the database cannot be reached, has no such table or no pgvector
   */
  List<Found> search(Table table, VectorStore.Query query, Cancellation cancellation);

  /**
   * Writes rows in place of those that have the same ids, all or none; makes the table, and
   * pgvector known to the database, when they are missing.
   *
   * @param pieces with UUIDs as ids
   * @param vectors one for each piece
   * @throws FlowException when the database cannot be reached or refuses them; says why
   */
  void write(Table table, List<Piece> pieces, List<float[]> vectors, Cancellation cancellation);

  /**
   * Deletes the rows of a document ({@code metadata.docId}) that are not among these.
   *
   * @param ids of what stays
   * @return how many
   * @throws FlowException as above
   */
  int prune(Table table, String docId, List<String> ids, Cancellation cancellation);

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
