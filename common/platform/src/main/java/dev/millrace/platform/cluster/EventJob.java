package dev.millrace.platform.cluster;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.events.Backoff;
import dev.millrace.cluster.events.EventOptions;
import dev.millrace.cluster.events.EventTransport.Attempt;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An event as the data of a job.
 *
 * @param id the event's; null in a job that somebody else added, by hand for example
 * @param message null for such a job too: then its data is the message
 */
record EventJob(
    @Nullable String id,
    @Nullable JsonNode message,
    long timeoutMs,
    int maxRetries,
    long backoffMs,
    boolean backoffDoubles,
    int retried) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  static String newId() {
    return UUID.randomUUID().toString();
  }

  static String write(Attempt attempt) {
    var options = attempt.options();
    return MAPPER.writeValueAsString(
        new EventJob(
            attempt.id(),
            attempt.message().tree(),
            options.timeout().toMillis(),
            options.maxRetries(),
            options.backoff().first().toMillis(),
            options.backoff().doubling(),
            attempt.retried()));
  }

  /** Reads a job's data; what is none of ours is a message with the default options. */
  static Attempt read(String jobId, String data) {
    try {
      var job = MAPPER.readValue(data, EventJob.class);
      if (job != null && job.id() != null && job.message() != null) {
        return new Attempt(
            job.id(), new Payload(job.message().toString()), job.options(), job.retried());
      }
    } catch (JacksonException e) {
      // Falls through: other members, or no object at all.
    }
    return new Attempt(jobId, new Payload(data), EventOptions.DEFAULT, 0);
  }

  private EventOptions options() {
    return new EventOptions(
        Duration.ofMillis(Math.max(1, timeoutMs)),
        Math.max(0, maxRetries),
        new Backoff(Duration.ofMillis(Math.max(0, backoffMs)), backoffDoubles),
        Duration.ZERO);
  }
}
