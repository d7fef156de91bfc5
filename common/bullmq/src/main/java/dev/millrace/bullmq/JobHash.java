package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a job's hash, also as older clients wrote it. */
final class JobHash {
  /** Most jobs of a queue have the same options, and to read them takes as long as all the rest. */
  private static volatile ReadOptions latest = new ReadOptions("{}", JobOptions.NONE);

  private final Map<String, String> fields;

  private JobHash(Map<String, String> fields) {
    this.fields = fields;
  }

  /** Turns fields and values in turn into a job; a field that comes twice has its last value. */
  static Job read(String queue, String id, List<?> flat) {
    var fields = HashMap.<String, String>newHashMap(flat.size() / 2);
    for (var i = 0; i + 1 < flat.size(); i += 2) {
      fields.put(String.valueOf(flat.get(i)), String.valueOf(flat.get(i + 1)));
    }
    return new JobHash(fields).toJob(queue, id);
  }

  static Job read(String queue, String id, Map<String, String> fields) {
    return new JobHash(fields).toJob(queue, id);
  }

  private Job toJob(String queue, String id) {
    var deferredFailure = fields.get("defa");
    JobOptions options;
    try {
      options = options(text("opts", "{}"));
    } catch (BullMqException | IllegalArgumentException e) {
      // Nobody could run it as it was meant; a worker that takes it reports that and goes on.
      options = JobOptions.NONE;
      deferredFailure = "job options cannot be read: " + e.getMessage();
    }
    return new Job(
        queue,
        id,
        text("name", ""),
        text("data", "{}"),
        options,
        number("timestamp", 0),
        number("delay", 0),
        (int) number("priority", 0),
        text("progress", "0"),
        (int) number("attemptsMade", number("atm", 0)),
        (int) number("ats", 0),
        (int) Math.max(number("stc", 0), number("stalledCounter", 0)),
        time("processedOn"),
        time("finishedOn"),
        fields.get("returnvalue"),
        fields.get("failedReason"),
        stacktrace(fields.get("stacktrace")),
        fields.get("pb"),
        fields.get("parentKey"),
        fields.get("rjk"),
        fields.get("deid"),
        deferredFailure);
  }

  private record ReadOptions(String json, JobOptions options) {}

  private static JobOptions options(String json) {
    var known = latest;
    if (json.equals(known.json())) {
      return known.options();
    }
    var options = JobOptionsJson.read(json);
    latest = new ReadOptions(json, options);
    return options;
  }

  private String text(String field, String otherwise) {
    return fields.getOrDefault(field, otherwise);
  }

  private long number(String field, long otherwise) {
    var value = time(field);
    return value == null ? otherwise : value;
  }

  private @Nullable Long time(String field) {
    var value = fields.get(field);
    if (value == null) {
      return null;
    }
    try {
      return Long.valueOf(value);
    } catch (NumberFormatException e) {
      return fraction(value);
    }
  }

  private static @Nullable Long fraction(String value) {
    try {
      return (long) Double.parseDouble(value);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Returns the traces; what is not a JSON array of them counts as none. */
  static List<String> stacktrace(@Nullable String json) {
    if (json == null) {
      return List.of();
    }
    var traces = new ArrayList<String>();
    try {
      for (var trace : Json.tree(json)) {
        traces.add(trace.isString() ? trace.stringValue() : Json.write(trace));
      }
    } catch (BullMqException e) {
      return List.of();
    }
    return traces;
  }
}
