package dev.millrace.bullmq;

import io.lettuce.core.Range;
import java.util.List;

/** Where the jobs of a state are kept. */
final class StateKeys {
  private StateKeys() {}

  /**
   * Returns how the names of a state's keys end.
   *
   * @throws IllegalArgumentException for {@link JobState#UNKNOWN}
   */
  static List<String> of(JobState state) {
    return switch (state) {
      // Jobs of a queue that BullMQ 5 paused are waiting, too.
      case WAITING -> List.of("wait", "paused");
      case ACTIVE, DELAYED, PRIORITIZED, WAITING_CHILDREN, COMPLETED, FAILED ->
          List.of(state.wireName());
      case UNKNOWN -> throw new IllegalArgumentException("no jobs are kept in state unknown");
    };
  }

  static boolean isList(String suffix) {
    return switch (suffix) {
      case "wait", "paused", "active" -> true;
      default -> false;
    };
  }

  /** Returns the scores that jobs of a priority have among the prioritized ones. */
  static Range<Long> scores(int priority) {
    var first = (long) priority << 32;
    return Range.create(first, first + 0xFFFF_FFFFL);
  }
}
