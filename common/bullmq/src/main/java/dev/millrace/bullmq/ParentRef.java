package dev.millrace.bullmq;

/**
 * The parent of a job.
 *
 * @param id the parent's job id
 * @param queue the parent's queue with its prefix, e.g. {@code bull:reports}
 */
public record ParentRef(String id, String queue) {
  /** Returns the key of the parent's hash. */
  String key() {
    return queue + ":" + id;
  }
}
