package dev.millrace.cluster.events;

import com.rabbitmq.client.AMQP;
import dev.millrace.cluster.Payload;
import dev.millrace.cluster.events.EventTransport.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Events as messages of RabbitMQ: the body is the JSON, the rest is in headers. */
final class RabbitMessages {
  private static final String RETRIED = "retried";
  private static final String TIMEOUT = "timeout-ms";
  private static final String MAX_RETRIES = "max-retries";
  private static final String BACKOFF = "backoff-ms";
  private static final String DOUBLING = "backoff-doubles";
  private static final String ERROR = "error";
  private static final String FAILED_AT = "failed-at";
  private static final int PERSISTENT = 2;
  private static final int LONGEST_ERROR = 2_000;

  private RabbitMessages() {}

  static AMQP.BasicProperties properties(Attempt attempt) {
    return properties(attempt, headers(attempt));
  }

  static AMQP.BasicProperties dead(Attempt attempt, Throwable error) {
    var headers = headers(attempt);
    var text = String.valueOf(error);
    headers.put(ERROR, text.substring(0, Math.min(LONGEST_ERROR, text.length())));
    headers.put(FAILED_AT, System.currentTimeMillis());
    return properties(attempt, headers);
  }

  private static Map<String, Object> headers(Attempt attempt) {
    var options = attempt.options();
    var headers = new HashMap<String, Object>();
    headers.put(RETRIED, attempt.retried());
    headers.put(TIMEOUT, options.timeout().toMillis());
    headers.put(MAX_RETRIES, options.maxRetries());
    headers.put(BACKOFF, options.backoff().first().toMillis());
    headers.put(DOUBLING, options.backoff().doubling());
    return headers;
  }

  private static AMQP.BasicProperties properties(Attempt attempt, Map<String, Object> headers) {
    return new AMQP.BasicProperties.Builder()
        .messageId(attempt.id())
        .deliveryMode(PERSISTENT)
        .contentType("application/json")
        .headers(headers)
        .build();
  }

  static Attempt attempt(AMQP.BasicProperties properties, String body) {
    var headers = headers(properties);
    var options =
        new EventOptions(
            Duration.ofMillis(Math.max(1, number(headers, TIMEOUT, 15_000))),
            (int) number(headers, MAX_RETRIES, 0),
            new Backoff(
                Duration.ofMillis(number(headers, BACKOFF, 500)),
                Boolean.TRUE.equals(headers.get(DOUBLING))),
            Duration.ZERO);
    return new Attempt(
        id(properties), new Payload(body), options, (int) number(headers, RETRIED, 0));
  }

  static DeadLetter deadLetter(String channel, AMQP.BasicProperties properties, String body) {
    var headers = headers(properties);
    return new DeadLetter(
        id(properties),
        channel,
        new Payload(body),
        (int) number(headers, RETRIED, 0) + 1,
        String.valueOf(headers.get(ERROR)),
        Instant.ofEpochMilli(number(headers, FAILED_AT, 0)));
  }

  /**
   * Returns at least as many milliseconds, an eighth more at most: each length of time has a queue
   * of its own, so there should not be too many.
   */
  static long roundedUp(Duration delay) {
    var ms = Math.max(1, Math.min(delay.toMillis(), Integer.MAX_VALUE));
    if (ms <= 1_000) {
      return ms;
    }
    var step = Long.highestOneBit(ms) >> 3;
    return (ms + step - 1) / step * step;
  }

  private static Map<String, Object> headers(AMQP.BasicProperties properties) {
    var headers = properties.getHeaders();
    return headers == null ? Map.of() : headers;
  }

  private static String id(AMQP.BasicProperties properties) {
    var id = properties.getMessageId();
    return id == null ? "unknown" : id;
  }

  private static long number(Map<String, Object> headers, String name, long otherwise) {
    return headers.get(name) instanceof Number number ? number.longValue() : otherwise;
  }
}
