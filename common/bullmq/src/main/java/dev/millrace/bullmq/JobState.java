package dev.millrace.bullmq;

/** Where a job is in its life. */
public enum JobState {
  WAITING("waiting"),
  ACTIVE("active"),
  DELAYED("delayed"),
  PRIORITIZED("prioritized"),
  WAITING_CHILDREN("waiting-children"),
  COMPLETED("completed"),
  FAILED("failed"),
  /** In no state: removed, or never added. */
  UNKNOWN("unknown");

  private final String wireName;

  JobState(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name that BullMQ's clients and events use. */
  public String wireName() {
    return wireName;
  }

  static JobState ofWireName(String name) {
    for (var state : values()) {
      if (state.wireName.equals(name)) {
        return state;
      }
    }
    return UNKNOWN;
  }
}
