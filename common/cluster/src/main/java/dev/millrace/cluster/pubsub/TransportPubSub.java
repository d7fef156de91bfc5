package dev.millrace.cluster.pubsub;

import dev.millrace.cluster.MessageTooLargeException;
import dev.millrace.cluster.Payload;
import dev.millrace.cluster.Subscription;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pub/sub over an adapter: what is the same for all of them. */
public final class TransportPubSub implements PubSub {
  private static final Logger LOG = LoggerFactory.getLogger(TransportPubSub.class);

  private enum State {
    NEW,
    CONNECTED,
    CLOSED
  }

  private final PubSubTransport transport;
  private final String nodeId = UUID.randomUUID().toString();

  // Changed under this object's monitor; the map and its lists are read without it.
  private final Map<String, List<Subscriber>> subscribers = new ConcurrentHashMap<>();
  private volatile State state = State.NEW;

  /**
   * @param transport opened by {@link #connect} and closed by {@link #close}
   */
  public TransportPubSub(PubSubTransport transport) {
    this.transport = transport;
  }

  @Override
  public String nodeId() {
    return nodeId;
  }

  @Override
  public synchronized Subscription subscribe(
      String channel, MessageHandler handler, SubscribeOptions options) {
    requireName(channel);
    if (state == State.CLOSED) {
      LOG.warn("pub/sub is closed; {} is not subscribed", channel);
      return () -> {};
    }
    var added = new Subscriber(channel, handler, options);
    var list = subscribers.computeIfAbsent(channel, _ -> new CopyOnWriteArrayList<>());
    list.removeIf(other -> {
      var replaced = other.handler().equals(handler);
      if (replaced) {
        other.close();
      }
      return replaced;
    });
    list.add(added);
    added.start();
    if (state == State.CONNECTED && list.size() == 1) {
      transport.listen(channel);
    }
    return () -> unsubscribe(channel, added);
  }

  private synchronized void unsubscribe(String channel, Subscriber gone) {
    gone.close();
    var list = subscribers.get(channel);
    if (list != null && list.remove(gone) && list.isEmpty()) {
      subscribers.remove(channel);
      if (state == State.CONNECTED) {
        transport.unlisten(channel);
      }
    }
  }

  @Override
  public boolean publish(String channel, @Nullable Object message, PublishOptions options) {
    requireName(channel);
    var payload = MessageTooLargeException.check(channel, Payload.of(message));
    if (state != State.CONNECTED) {
      LOG.warn("pub/sub is not connected; a message for {} is lost", channel);
      return false;
    }
    if (options.onlySelf()) {
      deliver(channel, payload);
      return true;
    }
    return transport.send(channel, new Envelope(nodeId, options.skipSelf(), payload).text());
  }

  @Override
  public synchronized void connect() {
    if (state != State.NEW) {
      throw new IllegalStateException("pub/sub connects once");
    }
    state = State.CONNECTED;
    transport.open(new Arrivals());
    subscribers.keySet().forEach(transport::listen);
  }

  @Override
  public boolean isConnected() {
    return state == State.CONNECTED && transport.isOpen();
  }

  @Override
  public synchronized void close() {
    var before = state;
    state = State.CLOSED;
    subscribers.values().forEach(list -> list.forEach(Subscriber::close));
    subscribers.clear();
    if (before == State.CONNECTED) {
      transport.close();
    }
  }

  private void deliver(String channel, Payload message) {
    var list = subscribers.get(channel);
    if (list != null) {
      list.forEach(subscriber -> subscriber.offer(message));
    }
  }

  private static void requireName(String channel) {
    if (channel.isBlank() || channel.length() > 200) {
      throw new IllegalArgumentException(
          "a channel's name has 1 to 200 characters, not '" + channel + "'");
    }
  }

  private final class Arrivals implements PubSubTransport.Listener {
    @Override
    public void received(String channel, String text) {
      var envelope = Envelope.parse(text);
      if (envelope == null) {
        LOG.warn("what came on channel {} is no message of ours and is ignored", channel);
      } else if (!(envelope.skipSelf() && envelope.from().equals(nodeId))) {
        deliver(channel, envelope.message());
      }
    }

    @Override
    public void gap(String channel) {
      var list = subscribers.get(channel);
      if (list != null) {
        list.forEach(Subscriber::gap);
      }
    }
  }
}
