package dev.millrace.bullmq;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Jobs and their options as Node's classes show them, and as they are stored. */
final class BridgeJobJson {
  private static final Map<String, String> STORED_NAMES =
      Map.of(
          "deduplication", "de",
          "failParentOnFailure", "fpof",
          "continueParentOnFailure", "cpof",
          "ignoreDependencyOnFailure", "idof",
          "removeDependencyOnFailure", "rdof",
          "keepLogs", "kl");
  private static final Map<String, String> SHOWN_NAMES =
      STORED_NAMES.entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

  private BridgeJobJson() {}

  /** Turns options with the names of Node's API into stored ones; drops those that are null. */
  static ObjectNode stored(JsonNode options) {
    var stored = Json.object();
    for (var option : options.properties()) {
      if (option.getKey().equals("telemetry")) {
        set(stored, "tm", option.getValue().path("metadata"));
        set(stored, "omc", option.getValue().path("omitContext"));
      } else {
        set(stored, STORED_NAMES.getOrDefault(option.getKey(), option.getKey()), option.getValue());
      }
    }
    return stored;
  }

  /** Turns stored options into those with the names of Node's API. */
  static ObjectNode shown(String storedText) {
    var shown = Json.object();
    for (var option : Json.tree(storedText).properties()) {
      switch (option.getKey()) {
        case "tm" -> shown.withObject("/telemetry").set("metadata", option.getValue());
        case "omc" -> shown.withObject("/telemetry").set("omitContext", option.getValue());
        default ->
            set(
                shown,
                SHOWN_NAMES.getOrDefault(option.getKey(), option.getKey()),
                option.getValue());
      }
    }
    return shown;
  }

  private static void set(ObjectNode to, String name, JsonNode value) {
    if (!value.isNull() && !value.isMissingNode()) {
      to.set(name, value);
    }
  }

  /** As {@link #ofHash(String, Map)}, of names and values in turn. */
  static ObjectNode ofHash(String id, List<?> flat) {
    var hash = new LinkedHashMap<String, String>();
    for (var i = 0; i + 1 < flat.size(); i += 2) {
      hash.put(String.valueOf(flat.get(i)), String.valueOf(flat.get(i + 1)));
    }
    return ofHash(id, hash);
  }

  /**
   * Returns what Node calls a JobJson: data, return value and stack traces as JSON text, options as
   * an object, and only what is there.
   */
  static ObjectNode ofHash(String id, Map<String, String> hash) {
    var json = Json.object().put("id", id).put("name", hash.getOrDefault("name", ""));
    json.put("data", hash.getOrDefault("data", "{}"));
    json.set("opts", shown(hash.getOrDefault("opts", "{}")));
    json.set("progress", Json.tree(hash.getOrDefault("progress", "0")));
    number(json, "timestamp", hash.get("timestamp"));
    number(json, "delay", hash.getOrDefault("delay", "0"));
    number(json, "priority", hash.getOrDefault("priority", "0"));
    number(json, "attemptsStarted", hash.getOrDefault("ats", "0"));
    number(json, "attemptsMade", hash.getOrDefault("attemptsMade", hash.getOrDefault("atm", "0")));
    number(
        json, "stalledCounter", hash.getOrDefault("stc", hash.getOrDefault("stalledCounter", "0")));
    number(json, "finishedOn", hash.get("finishedOn"));
    number(json, "processedOn", hash.get("processedOn"));
    var texts =
        Map.of(
            "rjk", "repeatJobKey",
            "deid", "deduplicationId",
            "failedReason", "failedReason",
            "defa", "deferredFailure",
            "stacktrace", "stacktrace",
            "returnvalue", "returnvalue",
            "parentKey", "parentKey",
            "pb", "processedBy");
    texts.forEach((field, name) -> {
      var value = hash.get(field);
      if (value != null) {
        json.put(name, value);
      }
    });
    var parent = hash.get("parent");
    if (parent != null) {
      json.set("parent", Json.tree(parent));
    }
    return json;
  }

  private static void number(
      ObjectNode json, String name, @org.jspecify.annotations.Nullable String text) {
    if (text != null) {
      json.put(name, (long) Double.parseDouble(text));
    }
  }
}
