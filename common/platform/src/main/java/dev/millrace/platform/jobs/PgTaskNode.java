package dev.millrace.platform.jobs;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.pgjobs.PgJobsException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The node {@code pgTask}: adds a background job and goes on without waiting for it. Its inputs are
 * {@code pgTaskName}, {@code pgTaskPayload} (JSON), {@code pgTaskFields} (rows of name and value,
 * which become members of the payload: values that users typed belong there, where they need no
 * escaping), {@code pgTaskQueueName}, {@code pgTaskRunAt}, {@code pgTaskMaxAttempts}, {@code
 * pgTaskPriority}, {@code pgTaskJobKey}, {@code pgTaskJobKeyMode} and {@code pgTaskUpdateState}.
 */
public final class PgTaskNode implements NodeRunner {
  /** The node's kind. */
  public static final String NAME = "pgTask";

  private static final Map<String, String> OPTIONS =
      Map.of(
          "pgTaskQueueName", "queueName",
          "pgTaskRunAt", "runAt",
          "pgTaskJobKey", "jobKey",
          "pgTaskJobKeyMode", "jobKeyMode");
  private static final Map<String, String> NUMBERS =
      Map.of("pgTaskMaxAttempts", "maxAttempts", "pgTaskPriority", "priority");

  private final BackgroundJobs jobs;

  public PgTaskNode(BackgroundJobs jobs) {
    this.jobs = jobs;
  }

  /** Returns the kinds of nodes of this package. */
  public static Set<String> names() {
    return Set.of(NAME);
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    try {
      return add(context);
    } catch (IllegalArgumentException | PgJobsException e) {
      throw new FlowException("Task node " + context.node().title() + ": " + e.getMessage(), e);
    }
  }

  private NodeOutcome add(NodeContext context) {
    var inputs = context.inputs();
    var task = inputs.text("pgTaskName").strip();
    if (task.isEmpty()) {
      throw new IllegalArgumentException("pgTaskName is empty: say which task is to be started");
    }
    var payload = payload(inputs);
    context.cancellation().throwIfCancelled();
    var job = jobs.jobs().add(JobJson.toNew(task, payload.toString(), options(inputs)));
    var output =
        Json.object()
            .put("content", "Started " + task + " as job " + job.id())
            .put("jobId", job.id())
            .put("task", task);
    if (context.isLast()) {
      context.events().token(output.path("content").asString());
    }
    var input = Json.object().put("task", task);
    input.set("payload", payload);
    var state = context.stateAfter("pgTaskUpdateState", output.path("content"));
    return new NodeOutcome.Done(new NodeOutcome.Result(input, output, state, List.of()));
  }

  private static JsonNode payload(NodeInputs inputs) {
    var given = inputs.raw("pgTaskPayload");
    var payload = given.isString() ? parsed(given.asString()) : given;
    var fields = inputs.rows("pgTaskFields");
    if (payload.isMissingNode() || payload.isNull()) {
      payload = Json.object();
    }
    if (fields.isEmpty()) {
      return payload;
    }
    if (!(payload.deepCopy() instanceof ObjectNode object)) {
      throw new IllegalArgumentException(
          "pgTaskFields need a payload that is an object; pgTaskPayload is none");
    }
    for (var field : fields) {
      var name = JsonText.of(field.path("name"));
      if (!name.isEmpty()) {
        object.set(name, field.path("value"));
      }
    }
    return object;
  }

  private static JsonNode parsed(String text) {
    if (text.isBlank()) {
      return Json.object();
    }
    try {
      return Json.read(text);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "pgTaskPayload is no JSON (" + e.getOriginalMessage() + "); put texts into pgTaskFields",
          e);
    }
  }

  private static ObjectNode options(NodeInputs inputs) {
    var options = Json.object();
    OPTIONS.forEach((input, option) -> options.put(option, inputs.text(input).strip()));
    NUMBERS.forEach((input, option) -> {
      var text = inputs.text(input).strip();
      if (!text.isEmpty()) {
        try {
          options.put(option, Integer.parseInt(text));
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(input + " is no whole number: " + text, e);
        }
      }
    });
    return options;
  }
}
