package dev.millrace.bullmq;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Job options under the names that Node's programs write and dashboards show, which are not those
 * under which they are stored.
 */
public final class NodeJobOptions {
  private static final Map<String, String> STORED =
      Map.of(
          "deduplication", "de",
          "failParentOnFailure", "fpof",
          "continueParentOnFailure", "cpof",
          "ignoreDependencyOnFailure", "idof",
          "removeDependencyOnFailure", "rdof",
          "keepLogs", "kl");

  private NodeJobOptions() {}

  /**
   * Reads options as Node's {@code queue.add} takes them.
   *
   * @param json JSON text of an object; options that are not known are stored all the same
   * @throws BullMqException when it is no JSON object
   * @throws IllegalArgumentException when an option has a value that it cannot have
   */
  public static JobOptions read(String json) {
    var stored = Json.object();
    for (var option : Json.tree(json).properties()) {
      var name = option.getKey();
      if (name.equals("telemetry") && option.getValue() instanceof ObjectNode telemetry) {
        telemetry
            .properties()
            .forEach(part -> {
              if (part.getKey().equals("metadata")) {
                stored.set("tm", part.getValue());
              } else if (part.getKey().equals("omitContext")) {
                stored.set("omc", part.getValue());
              }
            });
      } else {
        stored.set(STORED.getOrDefault(name, name), option.getValue());
      }
    }
    return JobOptionsJson.read(Json.write(stored));
  }

  /**
   * Returns a scheduler's stored options, JSON text, under their names in Node.
   *
   * @param stored the field {@code opts}; null is none
   * @return JSON text of an object; empty for what cannot be read
   */
  public static String write(@Nullable String stored) {
    return Json.write(named(stored));
  }

  /**
   * Returns a job's stored options as Node's {@code job.opts} has them: {@code attempts} is always
   * there, and the key of the scheduler is a property of the job instead.
   *
   * @param stored the field {@code opts}; null is none
   */
  public static String ofJob(@Nullable String stored) {
    var json = named(stored);
    json.remove("repeatJobKey");
    if (!json.has("attempts")) {
      json.put("attempts", 0);
    }
    return Json.write(json);
  }

  private static ObjectNode named(@Nullable String stored) {
    var json = Json.object();
    try {
      for (var option : Json.tree(stored == null ? "{}" : stored).properties()) {
        switch (option.getKey()) {
          case "tm" -> telemetry(json).set("metadata", option.getValue());
          case "omc" -> telemetry(json).set("omitContext", option.getValue());
          default -> json.set(name(option.getKey()), option.getValue());
        }
      }
    } catch (BullMqException e) {
      return Json.object();
    }
    return json;
  }

  private static ObjectNode telemetry(ObjectNode json) {
    return json.get("telemetry") instanceof ObjectNode there ? there : json.putObject("telemetry");
  }

  private static String name(String stored) {
    for (var names : STORED.entrySet()) {
      if (names.getValue().equals(stored)) {
        return names.getKey();
      }
    }
    return stored;
  }
}
