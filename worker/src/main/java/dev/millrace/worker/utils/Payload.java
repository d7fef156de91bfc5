package dev.millrace.worker.utils;

import dev.millrace.pgjobs.PermanentFailureException;
import dev.millrace.pgjobs.TaskContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads payloads. What is wrong with one stays wrong, so it fails its job for good. */
public final class Payload {
  private Payload() {}

  /** Returns the payload of a job, which has to be an object. */
  public static ObjectNode of(TaskContext job) {
    try {
      if (job.payload() instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw wrong("is no JSON that can be read: " + e.getOriginalMessage());
    }
    throw wrong("has to be an object");
  }

  /** Refuses members that the task does not know, which are spelling mistakes. */
  public static void requireKnown(ObjectNode payload, Set<String> known) {
    for (var name : payload.propertyNames()) {
      if (!known.contains(name)) {
        throw wrong("has the unknown member " + name + "; there are " + sorted(known));
      }
    }
  }

  /** Returns a text, null when it is absent. */
  public static @Nullable String text(JsonNode payload, String name) {
    var value = payload.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      throw wrong("is wrong: " + name + " has to be a text");
    }
    return value.asString();
  }

  /** Returns texts, given as a list or as a single one; none when they are absent. */
  public static List<String> texts(JsonNode payload, String name) {
    var value = payload.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return List.of();
    }
    if (value.isString()) {
      return List.of(value.asString());
    }
    if (!value.isArray()) {
      throw wrong("is wrong: " + name + " has to be a text or a list of texts");
    }
    var texts = new ArrayList<String>();
    for (var each : value) {
      if (!each.isString()) {
        throw wrong("is wrong: " + name + " has to be a text or a list of texts");
      }
      texts.add(each.asString());
    }
    return texts;
  }

  /** Returns the error of a payload. */
  public static PermanentFailureException wrong(String what) {
    return new PermanentFailureException("the payload " + what);
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }
}
