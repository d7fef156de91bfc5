package dev.millrace.cluster.pubsub;

import dev.millrace.cluster.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * Messages to every node that listens at the moment: at most once, nothing is kept. A subscriber
 * hears the messages of one publisher in order, on one thread of its own, so a slow one delays
 * nobody else; whenever it may have missed some, it is told ({@link MessageHandler#onGap}).
 *
 * <p>Nothing is sent or heard before {@link #connect}. Thread-safe.
 */
public interface PubSub extends AutoCloseable {
  /** Returns an id of this node, which no other instance has or had. */
  String nodeId();

  /** As the longer one, with {@link SubscribeOptions#DEFAULT}. */
  default Subscription subscribe(String channel, MessageHandler handler) {
    return subscribe(channel, handler, SubscribeOptions.DEFAULT);
  }

  /**
   * Hears the messages of a channel, before {@link #connect} or after. If the same handler hears
   * the channel already, that subscription is replaced: one message, one call.
   */
  Subscription subscribe(String channel, MessageHandler handler, SubscribeOptions options);

  /** As the longer one, with {@link PublishOptions#DEFAULT}: to all nodes but this one. */
  default boolean publish(String channel, @Nullable Object message) {
    return publish(channel, message, PublishOptions.DEFAULT);
  }

  /**
   * Sends a message, anything that {@link dev.millrace.cluster.Payload#of} takes.
   *
   * @return whether it was handed over; if not, e.g. because Redis is away, that is logged and the
   *     message is lost
   * @throws dev.millrace.cluster.MessageTooLargeException when it has more than 1 MiB
   */
  boolean publish(String channel, @Nullable Object message, PublishOptions options);

  /** Begins to send and hear; returns at once, also when the server is away: it is tried again. */
  void connect();

  /** Returns whether messages can be sent and heard now. */
  boolean isConnected();

  /** Ends all subscriptions; calls that are pending, debounced ones too, are dropped. */
  @Override
  void close();
}
