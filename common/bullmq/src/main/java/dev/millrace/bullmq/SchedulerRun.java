package dev.millrace.bullmq;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What the scripts are told of a scheduler's run that is to be stored. */
final class SchedulerRun {
  private SchedulerRun() {}

  /**
   * Adds the arguments that {@code runs.lua} reads.
   *
   * @param time when the run is due in ms; empty lets the script count from the interval
   * @param options those of the run, of which the script completes what depends on the time
   */
  static void addArguments(
      List<String> arguments,
      String scheduler,
      String time,
      JobOptions options,
      RepeatRule rule,
      long now) {
    var json = JobOptionsJson.object(options);
    for (var computed : List.of("jobId", "delay", "prevMillis", "repeat")) {
      json.remove(computed);
    }
    json.put("repeatJobKey", scheduler).put("timestamp", now);
    var deduplication = options.deduplication();
    arguments.addAll(
        List.of(
            scheduler,
            time,
            withoutEnd(json),
            Json.write(rule.json()),
            Integer.toString(options.priorityOrZero()),
            options.isLifo() ? "1" : "",
            deduplication == null ? "" : deduplication.id()));
  }

  /** Returns an object that the script goes on writing. */
  private static String withoutEnd(ObjectNode json) {
    var text = Json.write(json);
    return text.substring(0, text.length() - 1);
  }
}
