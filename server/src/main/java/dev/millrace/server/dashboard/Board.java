package dev.millrace.server.dashboard;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** The queues of all sources. Thread-safe. */
final class Board {
  private final List<QueueSource> sources;

  Board(List<QueueSource> sources) {
    this.sources = List.copyOf(sources);
  }

  List<QueueSummary> summaries() {
    var byName = new LinkedHashMap<String, QueueSummary>();
    for (var source : sources) {
      source.summaries().forEach(summary -> byName.putIfAbsent(summary.queue().name(), summary));
    }
    return new ArrayList<>(byName.values());
  }

  /**
   * Returns a queue.
   *
   * @throws BoardError when there is none of this name
   */
  BoardQueue require(String name) {
    return sources.stream()
        .map(source -> source.find(name))
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(BoardError::queueNotFound);
  }

  /**
   * Returns what can be done to the queue that a call is about.
   *
   * @throws BoardError when there is no such queue, or it can only be read
   */
  QueueActions actions(BoardCall call) {
    var actions = require(call.queue()).actions();
    if (actions == null) {
      throw readOnly();
    }
    return actions;
  }

  static BoardError readOnly() {
    return new BoardError(405, "QUEUE_READ_ONLY");
  }
}
