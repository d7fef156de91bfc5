package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
    for (var fields : ClientList.parse(clientList).toList()) {
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

  /**
   * Picks the workers of many queues.
   *
   * @param clientList the reply to {@code CLIENT LIST}
   * @return those of each queue, also of those that have none
   */
  static Map<String, List<WorkerInfo>> of(List<Keys> queues, String clientList) {
    // Lines of other clients are many and long: only those of workers are taken apart.
    var names = queues.stream().map(keys -> " name=" + keys.workerClientName("")).toList();
    var lines =
        clientList
            .lines()
            .filter(line -> names.stream().anyMatch(line::contains))
            .collect(Collectors.joining("\n"));
    var workers = new HashMap<String, List<WorkerInfo>>();
    queues.forEach(keys -> workers.put(keys.queue(), of(keys, lines)));
    return workers;
  }

  private static long number(@Nullable String text) {
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
