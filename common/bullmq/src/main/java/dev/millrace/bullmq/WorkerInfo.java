package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is connected to Redis, of whatever language: they all name their blocking
 * connection after the queue.
 *
 * @param name what the worker calls itself; may be empty
 * @param address where it connects from, e.g. {@code 10.0.0.7:51234}
 * @param ageSeconds how long it has been connected
 * @param idleSeconds how long ago it sent something
 * @param fields all that {@code CLIENT LIST} says
 */
public record WorkerInfo(
    String name, String address, long ageSeconds, long idleSeconds, Map<String, String> fields) {
  public WorkerInfo {
    fields = Map.copyOf(fields);
  }

  /**
   * Picks a queue's workers.
   *
   * @param clientList the reply to {@code CLIENT LIST}
   */
  static List<WorkerInfo> of(Keys keys, String clientList) {
    var unnamed = keys.workerClientName("");
    var named = unnamed + ":w:";
    var workers = new ArrayList<WorkerInfo>();
    for (var line : clientList.lines().toList()) {
      var fields = fields(line);
      var rawName = fields.getOrDefault("name", "");
      if (rawName.equals(unnamed) || rawName.startsWith(named)) {
        workers.add(
            new WorkerInfo(
                rawName.equals(unnamed) ? "" : rawName.substring(named.length()),
                fields.getOrDefault("addr", ""),
                number(fields.get("age")),
                number(fields.get("idle")),
                fields));
      }
    }
    return workers;
  }

  private static Map<String, String> fields(String line) {
    var fields = new HashMap<String, String>();
    for (var pair : line.split(" ", -1)) {
      var equals = pair.indexOf('=');
      if (equals > 0) {
        fields.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return fields;
  }

  private static long number(@Nullable String text) {
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
