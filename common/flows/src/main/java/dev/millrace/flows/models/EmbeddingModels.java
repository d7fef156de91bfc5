package dev.millrace.flows.models;

import dev.millrace.flows.engine.Cancellation;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Calls the embedding models that flows name. Thread-safe; a call blocks its thread. */
public interface EmbeddingModels {
  /** Returns the node names that can be called, e.g. {@code openAIEmbeddings}. */
  Set<String> supported();

  /**
   * Turns texts into vectors, one for each, in order.
   *
   * @param model the node name, its inputs as exported and its decrypted credential
   * @throws ModelException when the provider refuses, fails or does not answer in time
   * @throws dev.millrace.flows.engine.FlowCancelledException within 100 ms of a cancellation
   */
  List<float[]> embed(Model model, List<String> texts, Cancellation cancellation);

  /**
   * Which model.
   *
   * @param name of its node, e.g. {@code openAIEmbeddings}
   * @param config its inputs as exported; "" means unset
   * @param credential decrypted, an empty object when there is none
   */
  record Model(String name, ObjectNode config, ObjectNode credential) {
    @Override
    public String toString() {
      return name; // the rest may be secret
    }
  }
}
