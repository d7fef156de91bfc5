package dev.millrace.server.dashboard;

import dev.millrace.platform.history.JobHistoryStore;
import dev.millrace.platform.history.JobHistoryStore.Granularity;
import dev.millrace.platform.history.JobHistoryStore.Latency;
import dev.millrace.platform.history.JobHistoryStore.Metric;
import dev.millrace.platform.history.JobHistoryStore.Range;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The charts: what became of jobs over hours and days. */
final class HistoryPages {
  private static final List<Double> PERCENTILES = List.of(50.0, 95.0, 99.0);

  /** More curves than that nobody can tell apart. */
  private static final int MOST_PERCENTILES = 20;

  private final JobHistoryStore history;
  private final JsonMapper json;

  HistoryPages(JobHistoryStore history, JsonMapper json) {
    this.history = history;
    this.json = json;
  }

  void register(BoardRouter routes) {
    routes.get("/api/metrics/history", this::series);
    routes.get("/api/metrics/latency", this::latency);
    routes.get("/api/metrics/history/usage", _ -> usage());
    routes.change("POST", "/api/metrics/history/purge", this::purge);
  }

  private String series(BoardCall call) {
    var from = call.time("from");
    var to = call.time("to");
    if (from == null || to == null || to < from) {
      throw BoardError.invalid("INVALID_DATE_RANGE");
    }
    var granularity =
        switch (call.parameter("granularity")) {
          case null -> Granularity.DAY;
          case "day" -> Granularity.DAY;
          case "hour" -> Granularity.HOUR;
          case String other ->
              throw BoardError.invalid("INVALID_GRANULARITY").option("granularity", other);
        };
    var range = new Range(call.parameter("queue"), from, to, granularity);
    var answer = json.createObjectNode();
    for (var metric : metrics(call.parameter("metric"))) {
      var points = answer.putArray(metric.wireName());
      for (var point : history.series(metric, range)) {
        points.addObject().put("ts", point.at()).put("value", point.value());
      }
    }
    return answer.toString();
  }

  private static List<Metric> metrics(@Nullable String name) {
    if (name == null) {
      return List.of(Metric.COMPLETED, Metric.FAILED);
    }
    return Stream.of(Metric.values())
        .filter(metric -> metric.wireName().equals(name))
        .findFirst()
        .map(List::of)
        .orElseThrow(() -> BoardError.invalid("INVALID_METRIC"));
  }

  private String latency(BoardCall call) {
    var latency =
        Stream.of(Latency.values())
            .filter(metric -> metric.wireName().equals(call.parameter("metric")))
            .findFirst()
            .orElseThrow(() -> BoardError.invalid("INVALID_METRIC"));
    var granularity =
        switch (Objects.requireNonNullElse(call.parameter("granularity"), "day")) {
          case "hour" -> Granularity.HOUR;
          case "range" -> Granularity.RANGE;
          default -> Granularity.DAY;
        };
    var from = call.time("from");
    var to = call.time("to");
    var range =
        new Range(
            call.parameter("queue"),
            from == null ? 0 : from,
            to == null ? System.currentTimeMillis() : to,
            granularity);
    var answer = json.createArrayNode();
    for (var point : history.latency(latency, range, percentiles(call.parameter("percentiles")))) {
      var node = answer.addObject().put("ts", point.at()).put("count", point.jobs());
      var values = node.putObject("values");
      point.millis().forEach((percentile, millis) -> values.put(text(percentile), millis));
    }
    return answer.toString();
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static List<Double> percentiles(@Nullable String list) {
    var wanted = new ArrayList<Double>();
    for (var text : (list == null ? "" : list).split(",", -1)) {
      // What is no number is not asked for: the pages' contract says so.
      var number = number(text.strip());
      if (number >= 0 && number <= 100 && wanted.size() < MOST_PERCENTILES) {
        wanted.add(number);
      }
    }
    return wanted.isEmpty() ? PERCENTILES : wanted;
  }

  /** As JavaScript writes numbers: 50, 99.9. */
  private static String text(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }

  /** There is one tier here, the hours. */
  private String usage() {
    var queues = history.usage();
    var answer = json.createObjectNode();
    var rows = queues.stream().mapToLong(JobHistoryStore.Usage::rows).sum();
    var bytes = queues.stream().mapToLong(JobHistoryStore.Usage::bytes).sum();
    answer.put("keys", rows).put("bytes", bytes).put("minutes", 0);
    var days = queues.stream().flatMap(queue -> queue.days().stream()).sorted().toList();
    answer.put("oldestDay", days.isEmpty() ? null : days.getFirst().toString());
    answer.put("newestDay", days.isEmpty() ? null : days.getLast().toString());
    tiers(answer, rows, bytes);
    var list = answer.putArray("queues");
    for (var queue : queues) {
      var node = list.addObject().put("queue", queue.queue());
      node.put("keys", queue.rows()).put("bytes", queue.bytes()).put("minutes", 0);
      var shown = node.putArray("days");
      queue.days().forEach(day -> shown.add(day.toString()));
      tiers(node, queue.rows(), queue.bytes());
    }
    return answer.toString();
  }

  private static void tiers(ObjectNode node, long rows, long bytes) {
    var tiers = node.putObject("tiers");
    tiers.putObject("minute").put("keys", 0).put("bytes", 0);
    tiers.putObject("hour").put("keys", rows).put("bytes", bytes);
    tiers.putObject("day").put("keys", 0).put("bytes", 0);
  }

  private String purge(BoardCall call) {
    var body = call.object("INVALID_REQUEST_BODY");
    var queue = body.path("queue");
    if (!queue.isMissingNode() && !queue.isString()) {
      throw BoardError.invalid("INVALID_QUEUE");
    }
    var before = body.path("before");
    var deleted =
        history.purge(
            queue.isString() ? queue.stringValue() : null,
            before.isMissingNode() ? null : day(before.asString("")));
    return json.createObjectNode().put("keysDeleted", deleted).put("fieldsDeleted", 0).toString();
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw BoardError.invalid("INVALID_BEFORE_DATE");
    }
  }
}
