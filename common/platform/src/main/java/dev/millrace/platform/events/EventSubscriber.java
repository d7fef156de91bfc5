package dev.millrace.platform.events;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the events of runs that this process's clients wait for, on one connection.
 *
 * <p>Streams of one chat share its channel, which stays subscribed until the last of them closed.
 * SUBSCRIBE and UNSUBSCRIBE are sent while the lock is held, so that Redis sees them in the order
 * in which streams came and went. Thread-safe.
 */
public final class EventSubscriber implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventSubscriber.class);

  private final StatefulRedisPubSubConnection<String, String> connection;
  private final ReentrantLock lock = new ReentrantLock();
  // Changed with the lock held, read without it by the connection's thread.
  private final Map<String, Channel> channels = new ConcurrentHashMap<>();

  private record Channel(RedisFuture<Void> subscribed, List<Stream> streams) {}

  /**
   * @param connection for this subscriber alone, closed with it
   */
  public EventSubscriber(StatefulRedisPubSubConnection<String, String> connection) {
    this.connection = connection;
    connection.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String channel, String message) {
            hear(message);
          }
        });
  }

  /**
   * Subscribes to the events of a run; returns when Redis confirmed it, so that nothing that is
   * published afterwards is missed.
   *
   * @param consumer called on the connection's thread, in order; must neither block nor throw
   * @throws RedisException when Redis is away or does not confirm in time
   */
  public Stream subscribe(
      String chatId, UUID runId, Consumer<StreamEvent> consumer, Duration limit) {
    var stream = new Stream(chatId, runId, consumer);
    RedisFuture<Void> subscribed;
    lock.lock();
    try {
      var channel =
          channels.computeIfAbsent(
              chatId,
              id -> new Channel(connection.async().subscribe(id), new CopyOnWriteArrayList<>()));
      channel.streams().add(stream);
      subscribed = channel.subscribed();
    } finally {
      lock.unlock();
    }
    try {
      await(subscribed, limit, "SUBSCRIBE " + chatId);
      // The driver may take the reply to an earlier UNSUBSCRIBE of the channel for ours.
      stream.fence(limit);
    } catch (RedisException e) {
      stream.close();
      throw e;
    }
    return stream;
  }

  @Override
  public void close() {
    connection.close();
  }

  /** One subscription. */
  public final class Stream implements AutoCloseable {
    private final String chatId;
    private final UUID runId;
    private final Consumer<StreamEvent> consumer;

    private Stream(String chatId, UUID runId, Consumer<StreamEvent> consumer) {
      this.chatId = chatId;
      this.runId = runId;
      this.consumer = consumer;
    }

    /**
     * Waits until everything that Redis had received when this was called was heard: messages and
     * the reply to a PING come down one connection in order.
     *
     * @throws RedisException when Redis is away or does not answer in time
     */
    public void fence(Duration limit) {
      await(connection.async().ping(), limit, "PING");
    }

    /** Ends the subscription; calling it again does nothing. */
    @Override
    public void close() {
      lock.lock();
      try {
        var channel = channels.get(chatId);
        if (channel != null && channel.streams().remove(this) && channel.streams().isEmpty()) {
          channels.remove(chatId);
          unsubscribe(chatId);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void unsubscribe(String channel) {
    // Nobody waits for it: a channel that stays subscribed only brings messages nobody hears.
    var _ =
        connection
            .async()
            .unsubscribe(channel)
            .exceptionally(error -> {
              LOG.debug("UNSUBSCRIBE {} failed", channel, error);
              return null;
            });
  }

  private void hear(String json) {
    var message = EventMessage.parse(json);
    if (message == null) {
      LOG.debug("ignored a message that is no event: {} characters", json.length());
      return;
    }
    var channel = channels.get(message.chatId());
    if (channel == null) {
      return;
    }
    for (var stream : channel.streams()) {
      if (message.runId() == null || message.runId().equals(stream.runId)) {
        stream.consumer.accept(message.event());
      }
    }
  }

  private static void await(RedisFuture<?> reply, Duration limit, String command) {
    try {
      if (!reply.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new RedisException("Redis did not answer " + command + " within " + limit);
      }
      if (reply.getError() != null) {
        throw new RedisException(command + " failed: " + reply.getError());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisException("interrupted while Redis should answer " + command, e);
    }
  }
}
