package dev.millrace.bullmq;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Job options as they are stored: some names are shortened, booleans and numbers stand for whole
 * policies, and what is not known passes through. Reading is lenient, since Redis' own JSON encoder
 * (which Node lets write them) turns numbers into floats and empty arrays into objects.
 */
final class JobOptionsJson {
  private JobOptionsJson() {}

  static String write(JobOptions options) {
    // Node always writes how many attempts there are.
    return Json.write(object(options, options.attemptsOrZero()));
  }

  /** Returns only what is set. */
  static ObjectNode object(JobOptions options) {
    return object(options, options.attempts());
  }

  private static ObjectNode object(JobOptions options, @Nullable Integer attempts) {
    var json = Json.object();
    putNumber(json, "attempts", attempts);
    var backoff = options.backoff();
    if (backoff != null) {
      var node = json.putObject("backoff");
      node.put("type", backoff.type()).put("delay", backoff.delay());
      if (backoff.jitter() != 0) {
        node.put("jitter", backoff.jitter());
      }
    }
    putNumber(json, "delay", options.delay());
    putNumber(json, "priority", options.priority());
    putFlag(json, "lifo", options.lifo());
    putNumber(json, "timestamp", options.timestamp());
    putText(json, "jobId", options.jobId());
    putKeep(json, "removeOnComplete", options.removeOnComplete());
    putKeep(json, "removeOnFail", options.removeOnFail());
    putNumber(json, "kl", options.keepLogs());
    putNumber(json, "sizeLimit", options.sizeLimit());
    putNumber(json, "stackTraceLimit", options.stackTraceLimit());
    var parent = options.parent();
    if (parent != null) {
      json.putObject("parent").put("id", parent.id()).put("queue", parent.queue());
    }
    var deduplication = options.deduplication();
    if (deduplication != null) {
      json.set("de", write(deduplication));
    }
    putFlag(json, "fpof", options.failParentOnFailure());
    putFlag(json, "cpof", options.continueParentOnFailure());
    putFlag(json, "idof", options.ignoreDependencyOnFailure());
    putFlag(json, "rdof", options.removeDependencyOnFailure());
    putText(json, "tm", options.telemetryMetadata());
    putFlag(json, "omc", options.omitContext());
    options.others().forEach((name, value) -> json.set(name, Json.tree(value)));
    return json;
  }

  static ObjectNode write(Deduplication deduplication) {
    var json = Json.object().put("id", deduplication.id());
    putNumber(json, "ttl", deduplication.ttl());
    putFlag(json, "extend", deduplication.extend() ? true : null);
    putFlag(json, "replace", deduplication.replace() ? true : null);
    putFlag(json, "keepLastIfActive", deduplication.keepLastIfActive() ? true : null);
    putFlag(json, "reschedule", deduplication.reschedule() ? true : null);
    return json;
  }

  /**
   * Parses stored options.
   *
   * @throws BullMqException when the text is not a JSON object
   */
  static JobOptions read(String text) {
    var json = Json.tree(text);
    var builder = JobOptions.builder();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      if (!entry.getValue().isNull()) {
        read(builder, entry.getKey(), entry.getValue());
      }
    }
    return builder.build();
  }

  private static void read(JobOptions.Builder to, String name, JsonNode value) {
    switch (name) {
      case "attempts" -> to.attempts(whole(value));
      case "backoff" -> to.backoff(readBackoff(value));
      case "delay" -> to.delay(number(value));
      case "priority" -> to.priority(whole(value));
      case "lifo" -> to.lifo(flag(value));
      case "timestamp" -> to.timestamp(number(value));
      case "jobId" -> to.jobId(text(value));
      case "removeOnComplete" -> to.removeOnComplete(readKeep(value));
      case "removeOnFail" -> to.removeOnFail(readKeep(value));
      case "kl" -> to.keepLogs(whole(value));
      case "sizeLimit" -> to.sizeLimit(number(value));
      case "stackTraceLimit" -> to.stackTraceLimit(whole(value));
      case "parent" -> to.parent(new ParentRef(text(value, "id"), text(value, "queue")));
      case "de" -> to.deduplication(readDeduplication(value));
      case "fpof" -> to.failParentOnFailure(flag(value));
      case "cpof" -> to.continueParentOnFailure(flag(value));
      case "idof" -> to.ignoreDependencyOnFailure(flag(value));
      case "rdof" -> to.removeDependencyOnFailure(flag(value));
      case "tm" -> to.telemetryMetadata(text(value));
      case "omc" -> to.omitContext(flag(value));
      default -> to.other(name, Json.write(value));
    }
  }

  private static @Nullable Backoff readBackoff(JsonNode value) {
    if (value.isNumber()) {
      return Backoff.fixed(number(value));
    }
    if (!value.isObject() || !value.has("type")) {
      return null;
    }
    var jitter = value.get("jitter");
    return new Backoff(
        text(value, "type"),
        value.has("delay") ? number(value.get("delay")) : 0,
        jitter == null || !jitter.isNumber() ? 0 : Math.clamp(jitter.doubleValue(), 0.0, 1.0));
  }

  private static KeepJobs readKeep(JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue() ? KeepJobs.NONE : KeepJobs.ALL;
    }
    if (value.isNumber()) {
      return KeepJobs.newest(Math.clamp(number(value), -1, KeepJobs.MOST));
    }
    return new KeepJobs(
        bounded(value.path("count"), -1),
        bounded(value.path("age"), 0),
        bounded(value.path("limit"), 0));
  }

  private static @Nullable Long bounded(JsonNode value, long least) {
    return value.isMissingNode() || value.isNull()
        ? null
        : Math.clamp(number(value), least, KeepJobs.MOST);
  }

  private static @Nullable Deduplication readDeduplication(JsonNode value) {
    if (text(value, "id").isEmpty()) {
      return null;
    }
    return new Deduplication(
        text(value, "id"),
        value.hasNonNull("ttl") ? number(value.get("ttl")) : null,
        value.has("extend") && flag(value.get("extend")),
        value.has("replace") && flag(value.get("replace")),
        value.has("keepLastIfActive") && flag(value.get("keepLastIfActive")),
        value.has("reschedule") && flag(value.get("reschedule")));
  }

  private static void putNumber(ObjectNode json, String name, @Nullable Number value) {
    if (value != null) {
      json.put(name, value.longValue());
    }
  }

  private static void putFlag(ObjectNode json, String name, @Nullable Boolean value) {
    if (value != null) {
      json.put(name, value);
    }
  }

  private static void putText(ObjectNode json, String name, @Nullable String value) {
    if (value != null) {
      json.put(name, value);
    }
  }

  private static void putKeep(ObjectNode json, String name, @Nullable KeepJobs keep) {
    if (keep == null) {
      return;
    }
    if (keep.equals(KeepJobs.NONE) || keep.equals(KeepJobs.ALL)) {
      json.put(name, keep.equals(KeepJobs.NONE));
      return;
    }
    var node = json.putObject(name);
    putNumber(node, "age", keep.ageSeconds());
    putNumber(node, "count", keep.count());
    putNumber(node, "limit", keep.limit());
  }

  /** Others may mean "for ever" by a number that no int holds. */
  private static int whole(JsonNode value) {
    return Math.clamp(number(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static long number(JsonNode value) {
    if (value.isNumber()) {
      return value.numberValue().longValue();
    }
    try {
      return (long) Double.parseDouble(text(value));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static boolean flag(JsonNode value) {
    return value.isBoolean() ? value.booleanValue() : number(value) != 0;
  }

  private static String text(JsonNode object, String name) {
    var value = object.get(name);
    return value == null || value.isNull() ? "" : text(value);
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.stringValue() : Json.write(value);
  }
}
