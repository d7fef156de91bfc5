package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.FlowException;
import java.util.Optional;

/** Reads a file that a loader only names. Thread-safe, may block. */
@FunctionalInterface
public interface StoredDocument {
  /** There are none. */
  StoredDocument NONE = name -> Optional.empty();

  /**
   * Returns its content, nothing when it is not there.
   *
   * @throws FlowException when it cannot be read
   */
  Optional<byte[]> read(String name);
}
