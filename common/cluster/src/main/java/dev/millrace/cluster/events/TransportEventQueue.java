package dev.millrace.cluster.events;

import dev.millrace.cluster.MessageTooLargeException;
import dev.millrace.cluster.Payload;
import dev.millrace.cluster.Subscription;
import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.events.EventTransport.Consumption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An event queue over an adapter: what is the same for all of them. */
public final class TransportEventQueue implements EventQueue {
  private static final Logger LOG = LoggerFactory.getLogger(TransportEventQueue.class);

  /** How long a processor that was cancelled has to end. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private enum State {
    NEW,
    CONNECTED,
    CLOSED
  }

  private static final class Subscribed {
    final ProcessorRuns runs;
    @Nullable Consumption consumption;

    Subscribed(ProcessorRuns runs) {
      this.runs = runs;
    }
  }

  private final EventTransport transport;
  private final Map<String, Subscribed> subscribed = new HashMap<>();
  private volatile State state = State.NEW;

  /**
   * @param transport opened by {@link #connect} and closed by {@link #close}
   */
  public TransportEventQueue(EventTransport transport) {
    this.transport = transport;
  }

  @Override
  public synchronized Subscription subscribe(String channel, EventConsumer consumer) {
    requireName(channel);
    if (state == State.CLOSED) {
      throw closed(channel);
    }
    if (subscribed.containsKey(channel)) {
      LOG.warn(
          "this node handles the events of {} already; the second consumer is ignored", channel);
      return () -> {};
    }
    var added = new Subscribed(new ProcessorRuns(channel, consumer));
    subscribed.put(channel, added);
    if (state == State.CONNECTED) {
      added.consumption = transport.consume(channel, added.runs);
    }
    return () -> unsubscribe(channel, added);
  }

  private synchronized void unsubscribe(String channel, Subscribed gone) {
    // What runs comes to its end; nobody waits for it, also not close().
    if (subscribed.remove(channel, gone) && gone.consumption != null) {
      gone.consumption.stop();
    }
  }

  @Override
  public String publish(String channel, @Nullable Object message, EventOptions options) {
    requireName(channel);
    var payload = MessageTooLargeException.check(channel, Payload.of(message));
    requireConnected(channel);
    return transport.publish(channel, payload, options);
  }

  @Override
  public long waiting(String channel) {
    requireConnected(channel);
    return transport.waiting(channel);
  }

  @Override
  public List<DeadLetter> deadLetters(String channel, int limit) {
    requireConnected(channel);
    return transport.deadLetters(channel, limit);
  }

  @Override
  public synchronized void connect() {
    if (state != State.NEW) {
      throw new IllegalStateException("an event queue connects once");
    }
    transport.open();
    state = State.CONNECTED;
    subscribed.forEach(
        (channel, added) -> added.consumption = transport.consume(channel, added.runs));
  }

  @Override
  public void close(Duration drain) {
    List<Subscribed> all;
    synchronized (this) {
      var before = state;
      state = State.CLOSED;
      if (before != State.CONNECTED) {
        return;
      }
      all = new ArrayList<>(subscribed.values());
    }
    all.forEach(each -> stop(each));
    try {
      if (!awaitEnd(all, drain)) {
        all.forEach(each -> each.runs.cancelAll());
        if (!awaitEnd(all, GRACE)) {
          all.forEach(each -> each.runs.reportStuck());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    transport.close();
  }

  private static void stop(Subscribed subscribed) {
    var consumption = subscribed.consumption;
    if (consumption != null) {
      consumption.stop();
    }
  }

  private static boolean awaitEnd(List<Subscribed> all, Duration limit)
      throws InterruptedException {
    var deadline = System.nanoTime() + limit.toNanos();
    var ended = true;
    for (var each : all) {
      var left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      ended &= each.consumption == null || each.consumption.awaitEnd(left);
    }
    return ended;
  }

  private static void requireName(String channel) {
    if (channel.isBlank() || channel.length() > 100) {
      throw new IllegalArgumentException(
          "a channel's name has 1 to 100 characters, not '" + channel + "'");
    }
  }

  private void requireConnected(String channel) {
    switch (state) {
      case NEW ->
          throw new UnavailableException(
              "the event queue is not connected yet; " + channel + " cannot be used");
      case CLOSED -> throw closed(channel);
      case CONNECTED -> {}
    }
  }

  private static UnavailableException closed(String channel) {
    return new UnavailableException(
        "the event queue is closed, not connected; " + channel + " cannot be used");
  }
}
