package dev.millrace.cluster.events;

import dev.millrace.cluster.Subscription;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events that one subscriber of the cluster handles, whichever has time: each at least once, tried
 * again when that fails, and kept as a {@link DeadLetter} when that fails too often. Unlike {@link
 * dev.millrace.cluster.pubsub.PubSub}, nobody has to listen when an event is published.
 *
 * <p>Thread-safe. {@link #publish} throws {@link dev.millrace.cluster.UnavailableException} before
 * {@link #connect}, after {@link #close} and while the store is away.
 */
public interface EventQueue extends AutoCloseable {
  /**
   * Handles the events of a channel on this node from {@link #connect} on, whenever the consumer
   * has time. The second subscription of a channel is ignored with a warning; closing what it
   * returned does nothing.
   */
  Subscription subscribe(String channel, EventConsumer consumer);

  /** As the longer one, with {@link EventOptions#DEFAULT}. */
  default String publish(String channel, @Nullable Object message) {
    return publish(channel, message, EventOptions.DEFAULT);
  }

  /**
   * Adds an event, anything that {@link dev.millrace.cluster.Payload#of} takes. It is stored when
   * this returns.
   *
   * @return its id
   * @throws QueueFullException when too many events of the channel wait already
   * @throws dev.millrace.cluster.MessageTooLargeException when it has more than 1 MiB
   */
  String publish(String channel, @Nullable Object message, EventOptions options);

  /** Returns how many events of a channel wait, delayed ones too; those at work do not count. */
  long waiting(String channel);

  /** Returns the newest events of a channel that failed for good, the newest first. */
  List<DeadLetter> deadLetters(String channel, int limit);

  /** Begins to take events; what an orderly stop left behind comes first. */
  void connect();

  /** As {@link #close(Duration)}, with 30 s. */
  @Override
  default void close() {
    close(Duration.ofSeconds(30));
  }

  /**
   * Takes no more events, waits for handlers, and cancels those that are not done in time. They get
   * a few seconds to end; events whose handlers do not are handled again, here or elsewhere.
   */
  void close(Duration drain);
}
