package dev.millrace.server.dashboard;

import java.util.List;
import java.util.Optional;

/**
 * Where queues come from. The dashboard shows those of all its sources beside each other; a name
 * that two sources have means the queue of the first. Thread-safe.
 */
public interface QueueSource {
  /** Returns all its queues with their counts, in as few calls to the store as it takes. */
  List<QueueSummary> summaries();

  /** Returns a queue by its name, also one that is too new to be among the summaries. */
  Optional<BoardQueue> find(String name);
}
