package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import java.util.List;

/** Finds what is known about a question. Thread-safe; a search blocks its thread. */
@FunctionalInterface
public interface Retriever {
  /**
   * Returns pieces that fit the question, the best first.
   *
   * @throws dev.millrace.flows.engine.FlowException when the store or the embedding model fails
   */
  List<Piece> find(String question, Cancellation cancellation);
}
