package dev.millrace.bullmq;

/**
 * Which major version of BullMQ the other clients of a queue run. All clients of one queue must
 * agree: the two differ in where a paused queue keeps its waiting jobs, and mixing them loses jobs.
 */
public enum Compat {
  /** Waiting jobs of a paused queue move to the list {@code paused}. Flowise pins 5.45.2. */
  V5("5", "bullmq:5.45.2"),
  /** Waiting jobs stay in {@code wait}; pausing only sets a mark. */
  V6("6", "bullmq:6.2.0");

  private final String flag;
  private final String version;

  Compat(String flag, String version) {
    this.flag = flag;
    this.version = version;
  }

  /** Returns what the scripts are told. */
  String flag() {
    return flag;
  }

  /** Returns what {@code meta.version} says, the wire that is spoken. */
  String version() {
    return version;
  }
}
