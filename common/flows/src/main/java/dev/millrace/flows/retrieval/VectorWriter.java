package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import java.util.List;

/** Puts pieces and their vectors into a vector store. Thread-safe; every call blocks its thread. */
public interface VectorWriter {
  /**
   * Writes pieces in place of those that have the same ids; makes the collection or table when it
   * is missing.
   *
   * @param pieces with UUIDs as ids and {@code docId} in their metadata
   * @param vectors one for each piece
   * @throws dev.millrace.flows.engine.FlowException when the store cannot be reached or refuses
   *     them; says where it is and what to do
   */
  void write(List<Piece> pieces, List<float[]> vectors, Cancellation cancellation);

  /**
   * Deletes the pieces of a document that are not among these.
   *
   * @param docId as it is in their metadata
   * @param ids of what stays
   * @return how many
   * @throws dev.millrace.flows.engine.FlowException as above
   */
  int prune(String docId, List<String> ids, Cancellation cancellation);
}
