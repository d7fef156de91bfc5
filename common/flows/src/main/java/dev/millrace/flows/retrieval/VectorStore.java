package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Finds pieces by vectors. Thread-safe; a search blocks its thread. */
@FunctionalInterface
public interface VectorStore {
  /**
   * Returns the nearest pieces, the nearest first.
   *
   * @throws dev.millrace.flows.engine.FlowException when the store cannot be asked; says where it
   *     is and what to do
   */
  List<Found> search(Query query, Cancellation cancellation);

  /**
   * What is looked for.
   *
   * @param vector of the question
   * @param limit how many pieces at most
   * @param filter what the metadata must hold; in the store's own form, empty for everything
   * @param withVectors whether the pieces' vectors are wanted, too
   */
  record Query(float[] vector, int limit, ObjectNode filter, boolean withVectors) {}
}
