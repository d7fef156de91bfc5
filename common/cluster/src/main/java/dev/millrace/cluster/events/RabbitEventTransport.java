package dev.millrace.cluster.events;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import dev.millrace.cluster.Payload;
import dev.millrace.cluster.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Events in RabbitMQ: a durable queue for each channel. What waits for its time is in a queue of
 * its own for each length of time, from which the broker moves it; what failed for good is in one
 * that ends in {@code .dead}.
 */
public final class RabbitEventTransport implements EventTransport {
  /** How many events of a channel may wait. */
  public static final int DEFAULT_LIMIT = 100_000;

  private static final Duration CONFIRM_LIMIT = Duration.ofSeconds(10);
  private static final int DEAD_LETTERS = 1_000;

  /** How much longer than its messages a queue of waiting ones lives. */
  private static final long SPARE_MS = 60_000;

  private final RabbitLink link;
  private final String prefix;
  private final int limit;
  private final ReentrantLock publishing = new ReentrantLock();
  private @Nullable Channel publisher;
  private final Set<String> declared = ConcurrentHashMap.newKeySet();
  private final Map<String, Set<String>> waitQueues = new ConcurrentHashMap<>();

  /**
   * @param uri {@code amqp[s]://user:password@host:port/vhost}
   * @param prefix begins the names of all queues
   * @param limit how many events of a channel may wait
   */
  public RabbitEventTransport(String uri, String prefix, int limit) {
    link = new RabbitLink(uri);
    this.prefix = prefix;
    this.limit = limit;
  }

  @Override
  public void open() {
    // The first call connects.
  }

  @Override
  public String publish(String channel, Payload message, EventOptions options) {
    var id = UUID.randomUUID().toString();
    send(channel, new Attempt(id, message, options, 0), options.delay());
    return id;
  }

  @Override
  public Consumption consume(String channel, Consumer consumer) {
    var source = new RabbitSource(this, channel, consumer.slots());
    return PullLoop.start(channel, source, consumer);
  }

  @Override
  public long waiting(String channel) {
    return with(
        "the events of " + channel,
        open -> {
          declare(open, channel);
          var count = open.messageCount(queue(channel));
          for (var queue : waitQueues.getOrDefault(channel, Set.of())) {
            count += count(queue);
          }
          return count;
        });
  }

  /** A queue of waiting events that had none for long is gone, which ends the AMQP channel. */
  private long count(String queue) throws IOException {
    var open = link.channel();
    try {
      return open.messageCount(queue);
    } catch (IOException e) {
      return 0;
    } finally {
      RabbitLink.close(open);
    }
  }

  @Override
  public List<DeadLetter> deadLetters(String channel, int limit) {
    return with(
        "the dead letters of " + channel,
        open -> {
          declare(open, channel);
          var all = new ArrayList<DeadLetter>();
          // Nothing is acknowledged, so all of them are back when the AMQP channel is closed.
          for (var next = dead(open, channel); next != null; next = dead(open, channel)) {
            all.addFirst(RabbitMessages.deadLetter(channel, next.getProps(), text(next.getBody())));
          }
          return all.stream().limit(limit).toList();
        });
  }

  private @Nullable GetResponse dead(Channel open, String channel) throws IOException {
    return open.basicGet(deadQueue(channel), false);
  }

  @Override
  public void close() {
    link.close();
  }

  /** Opens an AMQP channel of the caller's own, on which the channel's queues exist. */
  Channel openFor(String channel) throws IOException {
    var open = link.channel();
    declare(open, channel);
    return open;
  }

  /** Stores an event, and returns when the broker has confirmed it. */
  void send(String channel, Attempt attempt, Duration delay) {
    var body = attempt.message().json().getBytes(StandardCharsets.UTF_8);
    send(
        channel,
        RabbitMessages.properties(attempt),
        body,
        open -> delay.isZero() ? queue(channel) : declareWait(open, channel, delay));
  }

  /** Stores an event that failed for good. */
  void bury(String channel, Attempt attempt, Throwable error) {
    var body = attempt.message().json().getBytes(StandardCharsets.UTF_8);
    send(channel, RabbitMessages.dead(attempt, error), body, _ -> deadQueue(channel));
  }

  private interface Target {
    String queue(Channel open) throws IOException;
  }

  private void send(String channel, AMQP.BasicProperties properties, byte[] body, Target target) {
    publishing.lock();
    try {
      var open = publisher();
      declare(open, channel);
      open.basicPublish("", target.queue(open), true, properties, body);
      if (!open.waitForConfirms(CONFIRM_LIMIT.toMillis())) {
        throw new QueueFullException(channel, limit);
      }
    } catch (IOException | TimeoutException | ShutdownSignalException e) {
      forgetPublisher();
      throw link.unavailable("an event of " + channel, e);
    } catch (InterruptedException e) {
      forgetPublisher();
      Thread.currentThread().interrupt();
      throw link.unavailable("an event of " + channel, e);
    } finally {
      publishing.unlock();
    }
  }

  private Channel publisher() throws IOException {
    var open = publisher;
    if (open == null || !open.isOpen()) {
      open = link.channel();
      open.confirmSelect();
      publisher = open;
    }
    return open;
  }

  private void forgetPublisher() {
    if (publisher != null) {
      RabbitLink.close(publisher);
      publisher = null;
    }
    declared.clear();
  }

  private void declare(Channel open, String channel) throws IOException {
    if (declared.contains(channel)) {
      return;
    }
    open.queueDeclare(
        queue(channel),
        true,
        false,
        false,
        Map.of("x-max-length", limit, "x-overflow", "reject-publish"));
    open.queueDeclare(deadQueue(channel), true, false, false, Map.of("x-max-length", DEAD_LETTERS));
    declared.add(channel);
  }

  /** Declaring it anew each time lets it live long enough for the message that follows. */
  private String declareWait(Channel open, String channel, Duration delay) throws IOException {
    var ms = RabbitMessages.roundedUp(delay);
    var name = queue(channel) + ".wait." + ms;
    open.queueDeclare(
        name,
        true,
        false,
        false,
        Map.of(
            "x-message-ttl",
            ms,
            "x-expires",
            ms + SPARE_MS,
            "x-dead-letter-exchange",
            "",
            "x-dead-letter-routing-key",
            queue(channel)));
    waitQueues.computeIfAbsent(channel, _ -> ConcurrentHashMap.newKeySet()).add(name);
    return name;
  }

  private interface Work<T> {
    T run(Channel open) throws IOException;
  }

  private <T> T with(String what, Work<T> work) {
    try {
      var open = link.channel();
      try {
        return work.run(open);
      } finally {
        RabbitLink.close(open);
      }
    } catch (IOException | ShutdownSignalException e) {
      throw link.unavailable(what, e);
    }
  }

  UnavailableException unavailable(String channel, Exception e) {
    // Perhaps the broker lost its queues.
    declared.clear();
    return link.unavailable("events of " + channel, e);
  }

  String queue(String channel) {
    return prefix + channel;
  }

  private String deadQueue(String channel) {
    return queue(channel) + ".dead";
  }

  static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }
}
