package dev.millrace.platform.prediction;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueEvents;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other processes which cached row has changed, on the stream that all of them follow.
 * Flowise's processes ignore the event. Whoever misses one has the caches' own expiry to rely on.
 */
public final class Changes {
  private static final Logger LOG = LoggerFactory.getLogger(Changes.class);
  private static final String EVENT = "millraceChanged";

  private Changes() {}

  /** Returns what is to be told the id of a changed row of a table. */
  public static Consumer<String> publisher(Queue queue, String table) {
    return id -> {
      try {
        queue.publishEvent(EVENT, Map.of("table", table, "id", id));
      } catch (BullMqException e) {
        LOG.warn("other processes use {} {} as it was for up to 10 s more", table, id, e);
      }
    };
  }

  /** Calls {@code listener} with the ids of the changed rows of a table. */
  public static QueueEvents.Subscription subscribe(
      QueueEvents events, String table, Consumer<String> listener) {
    return events.subscribe(
        Set.of(EVENT),
        event -> {
          if (table.equals(event.fields().get("table"))) {
            listener.accept(event.fields().getOrDefault("id", ""));
          }
        });
  }
}
