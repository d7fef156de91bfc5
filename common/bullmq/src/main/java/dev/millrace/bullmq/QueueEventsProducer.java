package dev.millrace.bullmq;

import io.lettuce.core.XAddArgs;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes events of the application's own to a queue's stream, which every {@link QueueEvents} of
 * the queue sees. Thread-safe; it owns no connection.
 */
public final class QueueEventsProducer {
  private final Commands commands;
  private final long maxLenEvents;

  /**
   * @throws IllegalArgumentException when the name is empty or holds a colon
   */
  public QueueEventsProducer(RedisConnections connections, String queue, QueueOptions options) {
    this(new Commands(connections, new Keys(options.prefix(), queue)), options.maxLenEvents());
  }

  QueueEventsProducer(Commands commands, long maxLenEvents) {
    this.commands = commands;
    this.maxLenEvents = maxLenEvents;
  }

  /**
   * Writes an event, and trims the stream to about the queue's own limit. (Node trims it to 1000
   * here, and loses others' events.)
   *
   * @return the entry's id in the stream
   */
  public String publish(String event, Map<String, String> fields) {
    return publish(event, fields, maxLenEvents);
  }

  /**
   * As {@link #publish(String, Map)}, trimming to about {@code maxEvents} entries.
   *
   * @throws IllegalArgumentException when the event has no name or {@code maxEvents} is negative
   */
  public String publish(String event, Map<String, String> fields, long maxEvents) {
    if (event.isEmpty() || maxEvents < 0) {
      throw new IllegalArgumentException(
          "an event needs a name and a limit that is not negative: '%s', %d"
              .formatted(event, maxEvents));
    }
    var body = new LinkedHashMap<String, String>();
    body.put("event", event);
    body.putAll(fields);
    body.put("event", event);
    var trim = new XAddArgs().maxlen(maxEvents).approximateTrimming();
    return commands.call("publish", c -> c.xadd(commands.keys().events(), trim, body));
  }
}
