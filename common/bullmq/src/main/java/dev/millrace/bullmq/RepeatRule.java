package dev.millrace.bullmq;

import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run says in its options about the scheduler that made it, whoever that was. Checked only
 * where it matters: a foreign scheduler must not stop a worker.
 *
 * @param json the option {@code repeat}, with all that is not known here
 */
record RepeatRule(ObjectNode json) {

  static RepeatRule of(Repeat repeat) {
    var json = Json.object();
    put(json, "every", repeat.every());
    var pattern = repeat.pattern();
    if (pattern != null) {
      json.put("pattern", pattern);
    }
    var timeZone = repeat.timeZone();
    if (timeZone != null) {
      json.put("tz", timeZone);
    }
    put(json, "limit", repeat.limit());
    put(json, "startDate", repeat.startDate());
    put(json, "endDate", repeat.endDate());
    put(json, "offset", repeat.offset());
    json.put("count", 0);
    return new RepeatRule(json);
  }

  /** Returns the rule of a run; null if it says nothing of one. */
  static @Nullable RepeatRule of(Job run) {
    var text = run.options().others().get("repeat");
    return text != null && Json.tree(text) instanceof ObjectNode json ? new RepeatRule(json) : null;
  }

  /** Returns the rule as the run after this one has it; null if this is the last one. */
  @Nullable RepeatRule next(long now) {
    var count = number("count", 0) + 1;
    if (count > number("limit", Long.MAX_VALUE) || now > time("endDate", Long.MAX_VALUE)) {
      return null;
    }
    return new RepeatRule(json.deepCopy().put("count", count));
  }

  boolean isCron() {
    return json.hasNonNull("pattern");
  }

  /**
   * Returns when the cron expression is true next, ms since 1970; empty if never again.
   *
   * @param after what the next run has to come after
   * @throws IllegalArgumentException when the expression or the zone cannot be understood
   */
  OptionalLong nextByCron(long after) {
    var from = Math.max(after, time("startDate", 0));
    var zone = json.hasNonNull("tz") ? json.get("tz").asString() : null;
    return CronParser.parse(json.get("pattern").asString())
        .nextAfter(Instant.ofEpochMilli(from), ZoneNames.of(zone))
        .map(time -> OptionalLong.of(time.toEpochMilli()))
        .orElse(OptionalLong.empty());
  }

  /** Returns a number as the scripts take it; empty if there is none. */
  String text(String field) {
    return json.hasNonNull(field) ? Long.toString(time(field, 0)) : "";
  }

  private long number(String field, long otherwise) {
    return json.path(field).asLong(otherwise);
  }

  /** Dates of old clients may be texts. */
  private long time(String field, long otherwise) {
    JsonNode value = json.path(field);
    if (value.isString()) {
      try {
        return Instant.parse(value.stringValue()).toEpochMilli();
      } catch (java.time.format.DateTimeParseException e) {
        return value.asLong(otherwise);
      }
    }
    return value.asLong(otherwise);
  }

  private static void put(ObjectNode json, String name, @Nullable Long value) {
    if (value != null) {
      json.put(name, value);
    }
  }
}
