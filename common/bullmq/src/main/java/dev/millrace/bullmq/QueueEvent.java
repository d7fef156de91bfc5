package dev.millrace.bullmq;

import java.util.Map;
import java.util.Optional;

/**
 * An entry of a queue's event stream.
 *
 * @param entryId its id in the stream, e.g. {@code 1795335283663-0}
 * @param name the event, e.g. {@code completed}, or one of the application's own
 * @param fields all other fields, as they are stored
 */
public record QueueEvent(String entryId, String name, Map<String, String> fields) {
  public QueueEvent {
    fields = Map.copyOf(fields);
  }

  /** Returns the job that the event is about, if it is about one. */
  public Optional<String> jobId() {
    return Optional.ofNullable(fields.get("jobId"));
  }
}
