package dev.millrace.bullmq;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How many jobs of a queue finished, as its workers that have the option {@code metrics} counted
 * them, and how many it has now.
 *
 * <p>Every method waits for Redis as those of {@link Queue} do, and throws what they throw.
 * Thread-safe.
 */
public final class QueueMetrics {
  private final Scripts scripts;

  QueueMetrics(Scripts scripts) {
    this.scripts = scripts;
  }

  /** What is counted. */
  public enum Type {
    COMPLETED,
    FAILED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Finished jobs.
   *
   * @param count how many there were in all
   * @param previousTime when the last point was added, ms since 1970; 0 if nothing was counted
   * @param previousCount how many there were then, up to the job before
   * @param points jobs per minute, newest first
   * @param size how many points there are in all
   */
  public record Finished(
      long count, long previousTime, long previousCount, List<Long> points, long size) {
    public Finished {
      points = List.copyOf(points);
    }
  }

  /** As {@link #finished(Type, long, long)}, with all points. */
  public Finished finished(Type type) {
    return finished(type, 0, -1);
  }

  /**
   * Returns what was counted.
   *
   * @param from the first point, counted from 0, the newest; negative counts from the oldest
   * @param to the last point, which is included; -1 is the oldest
   */
  public Finished finished(Type type, long from, long to) {
    var arguments =
        List.of(
            scripts.keys().key("metrics:" + type.wireName()),
            Long.toString(from),
            Long.toString(to));
    var reply = scripts.call(Script.POINTS, arguments);
    return new Finished(
        number(reply.getFirst()),
        number(reply.get(1)),
        number(reply.get(2)),
        ((List<?>) reply.get(4)).stream().map(QueueMetrics::number).toList(),
        (Long) reply.get(3));
  }

  /**
   * Returns the jobs per state and those that finished in Prometheus' text format, with the names
   * that Node's {@code exportPrometheusMetrics} gives them.
   *
   * @param labels further labels for every line, in the map's order
   */
  public String prometheus(Map<String, String> labels) {
    var counts = scripts.call(Script.COUNTS, List.of(scripts.keys().base()));
    var more = new StringBuilder();
    labels.forEach((name, value) ->
        more.append(", ").append(name).append("=\"").append(escape(value)).append('"'));
    var queue = "queue=\"%s\"".formatted(escape(scripts.keys().queue()));
    var text = new StringBuilder();
    header(text, "bullmq_job_count", "Number of jobs in the queue by state", "gauge");
    // The places of the states in the reply of counts.lua.
    var states =
        List.of(
            Map.entry("active", 1),
            Map.entry("completed", 5),
            Map.entry("delayed", 2),
            Map.entry("failed", 6),
            Map.entry("prioritized", 3),
            Map.entry("waiting", 0),
            Map.entry("waiting-children", 4));
    for (var state : states) {
      var name = "%s, state=\"%s\"".formatted(queue, state.getKey());
      line(text, "bullmq_job_count", name + more, number(counts.get(state.getValue())));
    }
    for (var type : Type.values()) {
      var name = "bullmq_job_%s_total".formatted(type.wireName());
      header(text, name, "Total number of %s jobs".formatted(type.wireName()), "counter");
      line(text, name, queue + more, finished(type, 0, 0).count());
    }
    return text.toString();
  }

  private static void header(StringBuilder text, String name, String help, String type) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void line(StringBuilder text, String name, String labels, long value) {
    text.append(name).append('{').append(labels).append("} ").append(value).append('\n');
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private static long number(Object value) {
    return (long) Double.parseDouble(value.toString());
  }
}
