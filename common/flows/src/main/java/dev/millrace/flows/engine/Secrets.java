package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import tools.jackson.databind.node.ObjectNode;

/** Gives nodes the decrypted credentials that the flow refers to. Thread-safe, may block. */
@FunctionalInterface
public interface Secrets {
  /**
   * Returns the fields of a credential, e.g. {@code openAIApiKey}. The caller must not log or store
   * them.
   *
   * @param credentialId the id in {@code FLOWISE_CREDENTIAL_ID} or {@code data.credential}
   * @throws FlowException when there is no such credential, or this process has not the key it was
   *     encrypted with; the message says which and what to do
   */
  ObjectNode credential(String credentialId);

  /** Returns what a node gets that names no credential: nothing, where they are stored by id. */
  default ObjectNode unnamed() {
    return Json.object();
  }
}
