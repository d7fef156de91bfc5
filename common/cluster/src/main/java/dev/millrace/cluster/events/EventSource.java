package dev.millrace.cluster.events;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Events of a channel that can be taken one by one; see {@link PullLoop}. */
public interface EventSource {
  /**
   * Takes an event.
   *
   * @param limit how long to wait for one
   * @return null when none came
   * @throws RuntimeException when the store is away; it is tried again
   */
  @Nullable Delivery take(Duration limit) throws InterruptedException;

  /** Is told that nothing is taken for now, so that others get what was fetched ahead. */
  default void pause() {}

  /** Is told that nothing is taken any more; what was taken can still be settled. */
  default void close() {}

  /** An event that was taken. One of its methods is called, once, and may throw for logging. */
  interface Delivery {
    EventTransport.Attempt attempt();

    /** It was handled. */
    void done();

    /** The attempt failed. */
    void failed(Throwable error);

    /** It was not handled, and others may take it. */
    void putBack();
  }
}
