package dev.millrace.platform.jobs;

import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobCounts;
import dev.millrace.pgjobs.JobKeyMode;
import dev.millrace.pgjobs.NewJob;
import dev.millrace.pgjobs.Runner;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Jobs as the API, the command line and flows write them. */
public final class JobJson {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** The members of a new job besides its task and payload, named as in graphile-worker. */
  private static final Set<String> OPTIONS =
      Set.of("queueName", "runAt", "maxAttempts", "jobKey", "jobKeyMode", "priority", "flags");

  private JobJson() {}

  /** Returns a job as an object. */
  public static ObjectNode of(Job job) {
    var object =
        JSON.createObjectNode()
            .put("id", job.id())
            .put("task", job.task())
            .put("queueName", job.queueName())
            .put("priority", job.priority())
            .put("runAt", job.runAt().toString())
            .put("attempts", job.attempts())
            .put("maxAttempts", job.maxAttempts())
            .put("lastError", job.lastError())
            .put("createdAt", job.createdAt().toString())
            .put("updatedAt", job.updatedAt().toString())
            .put("key", job.key())
            .put("lockedAt", text(job.lockedAt()))
            .put("lockedBy", job.lockedBy())
            .put("revision", job.revision());
    var flags = object.putArray("flags");
    job.flags().stream().sorted().forEach(flags::add);
    return object;
  }

  /** Returns how many jobs of a task there are as an object. */
  public static ObjectNode of(JobCounts counts) {
    return JSON.createObjectNode()
        .put("task", counts.task())
        .put("ready", counts.ready())
        .put("waiting", counts.waiting())
        .put("locked", counts.locked())
        .put("dead", counts.dead())
        .put("oldestReady", text(counts.oldestReady()));
  }

  /** Returns a runner as an object. */
  public static ObjectNode of(Runner runner) {
    return JSON.createObjectNode()
        .put("poolId", runner.poolId())
        .put("host", runner.host())
        .put("startedAt", runner.startedAt().toString())
        .put("seenAt", runner.seenAt().toString())
        .put("alive", runner.isAlive())
        .put("locked", runner.locked());
  }

  /** Returns a file as an object. */
  public static ObjectNode of(JobFile file) {
    return JSON.createObjectNode()
        .put("id", file.id().toString())
        .put("jobId", file.jobId())
        .put("name", file.name())
        .put("mediaType", file.mediaType())
        .put("sha256", file.sha256())
        .put("size", file.size())
        .put("created", file.created().toString())
        .put("expires", file.expires().toString());
  }

  /**
   * Reads a new job from {@code {task, payload, …options}}.
   *
   * @throws IllegalArgumentException naming the member that is wrong
   */
  public static NewJob toNew(ObjectNode body) {
    var task = body.path("task").asString("");
    if (task.isEmpty()) {
      throw new IllegalArgumentException("task is missing");
    }
    for (var name : body.propertyNames()) {
      if (!OPTIONS.contains(name) && !name.equals("task") && !name.equals("payload")) {
        throw new IllegalArgumentException(
            name + " is not known: a job has task, payload, " + String.join(", ", sorted()));
      }
    }
    var payload = body.path("payload");
    return toNew(task, payload.isMissingNode() ? "{}" : payload.toString(), body);
  }

  /**
   * Reads a new job.
   *
   * @param payload JSON text
   * @param options may have {@code queueName}, {@code runAt} and the others of graphile-worker
   * @throws IllegalArgumentException naming the option that is wrong
   */
  public static NewJob toNew(String task, String payload, ObjectNode options) {
    return new NewJob(
        task,
        payload,
        text(options, "queueName"),
        time(options),
        number(options, "maxAttempts"),
        number(options, "priority"),
        text(options, "jobKey"),
        mode(options),
        flags(options));
  }

  private static List<String> sorted() {
    return OPTIONS.stream().sorted().toList();
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  private static @Nullable String text(ObjectNode options, String name) {
    var value = options.path(name);
    if (value.isMissingNode() || value.isNull() || value.asString("").isEmpty()) {
      return null;
    }
    return require(value.isString(), value, name, "a text").asString();
  }

  private static @Nullable Integer number(ObjectNode options, String name) {
    var value = options.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    return require(value.canConvertToInt(), value, name, "a whole number").asInt();
  }

  private static @Nullable Instant time(ObjectNode options) {
    var text = text(options, "runAt");
    if (text == null) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "runAt has to be a time such as 2026-12-24T18:00:00Z, not " + text, e);
    }
  }

  private static JobKeyMode mode(ObjectNode options) {
    var text = text(options, "jobKeyMode");
    if (text == null) {
      return JobKeyMode.REPLACE;
    }
    for (var mode : JobKeyMode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(text)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "jobKeyMode has to be replace, preserve_run_at or unsafe_dedupe, not " + text);
  }

  private static List<String> flags(ObjectNode options) {
    var value = options.path("flags");
    if (value.isMissingNode() || value.isNull()) {
      return List.of();
    }
    require(value.isArray(), value, "flags", "a list of texts");
    var flags = new ArrayList<String>();
    for (var flag : value) {
      flags.add(require(flag.isString(), flag, "flags", "a list of texts").asString());
    }
    return flags;
  }

  private static JsonNode require(boolean ok, JsonNode value, String name, String what) {
    if (!ok) {
      throw new IllegalArgumentException(name + " has to be " + what + ", not " + value);
    }
    return value;
  }
}
