package dev.millrace.cluster.sync;

import dev.millrace.cluster.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * Tells the other nodes that something changed which they hold in memory. A message that belongs to
 * a database transaction is sent if that commits, and only then. Every other node that subscribed
 * before gets it at least once, in the order of the channel, also when it or the messaging was away
 * meanwhile; the same message may come again. A node that starts hears nothing of the past: it
 * reads the present state anyway.
 *
 * <p>A channel belongs to one feature or plugin and has its name. Thread-safe.
 */
public interface SyncMessages extends AutoCloseable {
  /**
   * Hears the messages of a channel that the other nodes publish. Subscribe before you read the
   * state that they are about.
   */
  Subscription subscribe(String channel, SyncHandler handler);

  /**
   * Sends a message, anything that {@link dev.millrace.cluster.Payload#of} takes.
   *
   * @throws dev.millrace.cluster.MessageTooLargeException when it has more than 1 MiB
   */
  void publish(String channel, @Nullable Object message);

  /**
   * Sends a message if and when a transaction commits; returns at once.
   *
   * @throws IllegalArgumentException when the transaction is not of a kind that this one knows
   */
  void publish(String channel, @Nullable Object message, Transaction transaction);

  /** Begins to hear. What was subscribed before is heard from here on. */
  void connect();

  /** Ends all subscriptions. What was published but not sent yet is sent by another node. */
  @Override
  void close();
}
