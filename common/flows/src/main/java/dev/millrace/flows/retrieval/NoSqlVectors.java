package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import java.util.List;

/** Where there is no database. */
final class NoSqlVectors implements SqlVectors {
  @Override
  public List<Found> search(Table table, VectorStore.Query query, Cancellation cancellation) {
    throw new FlowException("Vectors in PostgreSQL cannot be searched by this process.");
  }

  @Override
  public void write(
      Table table, List<Piece> pieces, List<float[]> vectors, Cancellation cancellation) {
    throw new FlowException("Vectors in PostgreSQL cannot be written by this process.");
  }

  @Override
  public int prune(Table table, String docId, List<String> ids, Cancellation cancellation) {
    throw new FlowException("Vectors in PostgreSQL cannot be deleted by this process.");
  }
}
