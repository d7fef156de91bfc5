package dev.millrace.bullmq;

import java.util.List;

/**
 * Is told what is done to a queue through one {@link Queue} object, once it is done; {@link
 * QueueEvents} tells of all that happens to the queue, whoever does it. Called on the thread that
 * did it, or that read the reply: return soon. An exception that a listener throws is logged and
 * changes nothing.
 */
public interface QueueListener {
  /** Ignores everything. */
  QueueListener NONE = new QueueListener() {};

  /** A job was added, or is there already. */
  default void waiting(Job job) {}

  /** No further job starts. */
  default void paused() {}

  /** Jobs start again. */
  default void resumed() {}

  /** Old jobs of a state were removed; their ids may be none. */
  default void cleaned(List<String> ids, JobState state) {}

  /** A job was removed, or was not there. */
  default void removed(String id) {}

  /**
   * How far a job is was stored.
   *
   * @param json JSON text
   */
  default void progress(String id, String json) {}
}
