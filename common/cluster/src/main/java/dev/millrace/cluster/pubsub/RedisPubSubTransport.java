package dev.millrace.cluster.pubsub;

import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.support.RedisLink;
import dev.millrace.cluster.support.Timer;
import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries texts over Redis. The connection that hears reconnects and subscribes again by itself;
 * Redis confirms each channel then, and what was sent before that may be missing.
 */
public final class RedisPubSubTransport implements PubSubTransport {
  private static final Logger LOG = LoggerFactory.getLogger(RedisPubSubTransport.class);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final RedisLink link;
  private final Set<String> wanted = ConcurrentHashMap.newKeySet();

  /** Channels that Redis has confirmed at least once. */
  private final Set<String> confirmed = ConcurrentHashMap.newKeySet();

  private @Nullable StatefulRedisPubSubConnection<String, String> connection;
  private @Nullable Listener listener;
  private boolean late;
  private boolean closed;

  /**
   * @param link closed by the caller, after this
   */
  public RedisPubSubTransport(RedisLink link) {
    this.link = link;
  }

  @Override
  public synchronized void open(Listener to) {
    listener = to;
    connect();
  }

  private synchronized void connect() {
    var to = listener;
    if (closed || to == null) {
      return;
    }
    try {
      var opened = link.pubSub();
      opened.addListener(new Arrivals(to));
      connection = opened;
      if (!wanted.isEmpty()) {
        var _ =
            opened.async().subscribe(wanted.stream().map(this::physical).toArray(String[]::new));
      }
    } catch (UnavailableException | RedisException e) {
      if (!late) {
        LOG.warn("no messages are heard until Redis is there: {}", e.getMessage());
      }
      late = true;
      var _ = Timer.after(RETRY, this::connect);
    }
  }

  @Override
  public synchronized void listen(String channel) {
    wanted.add(channel);
    var open = connection;
    if (open != null) {
      var subscribed = open.async().subscribe(physical(channel)).toCompletableFuture();
      // Until Redis has confirmed it, messages of others would pass unheard.
      try {
        subscribed.get(RETRY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        LOG.warn("channel {} is heard when Redis is back: {}", channel, e.toString());
      }
    }
  }

  @Override
  public synchronized void unlisten(String channel) {
    wanted.remove(channel);
    confirmed.remove(channel);
    var open = connection;
    if (open != null) {
      var _ = open.async().unsubscribe(physical(channel));
    }
  }

  @Override
  public boolean send(String channel, String text) {
    try {
      var _ =
          link.call(
              "a message", commands -> commands.publish(physical(channel), RedisLink.bytes(text)));
      return true;
    } catch (UnavailableException e) {
      LOG.warn("a message for {} is lost: {}", channel, e.getMessage());
      return false;
    }
  }

  @Override
  public synchronized boolean isOpen() {
    return connection != null && connection.isOpen();
  }

  @Override
  public synchronized void close() {
    closed = true;
    listener = null;
    if (connection != null) {
      var _ = connection.closeAsync();
      connection = null;
    }
  }

  private String physical(String channel) {
    return link.prefix() + "pubsub:" + channel;
  }

  private final class Arrivals extends RedisPubSubAdapter<String, String> {
    private final Listener to;

    Arrivals(Listener to) {
      this.to = to;
    }

    @Override
    public void message(String physical, String text) {
      to.received(logical(physical), text);
    }

    @Override
    public void subscribed(String physical, long count) {
      var channel = logical(physical);
      // The first confirmation is late only if Redis was away when the subscriber came.
      if (!confirmed.add(channel) || late) {
        to.gap(channel);
      }
    }

    private String logical(String physical) {
      return physical.substring(physical("").length());
    }
  }
}
