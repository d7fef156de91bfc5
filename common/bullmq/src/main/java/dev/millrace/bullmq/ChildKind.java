package dev.millrace.bullmq;

/** What became of a child, as seen by the job that waits for it. */
public enum ChildKind {
  /** Completed; its return value is kept. */
  PROCESSED(":processed"),
  /** Not finished, or failed without a policy that says what that means for the parent. */
  UNPROCESSED(":dependencies"),
  /** Failed, and its policy lets the parent run all the same; its reason is kept. */
  IGNORED(":failed"),
  /** Failed, and its policy fails the parent. */
  FAILED(":unsuccessful");

  private final String suffix;

  ChildKind(String suffix) {
    this.suffix = suffix;
  }

  /** Returns how the key that holds such children ends. */
  String suffix() {
    return suffix;
  }
}
