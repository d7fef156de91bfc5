package dev.millrace.worker.utils;

import dev.millrace.pgjobs.NewJob;
import dev.millrace.platform.jobs.JobJson;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * What follows a job: {@code next: {task, payload, options}}, so that chains are data. It is added
 * in the transaction that completes the job.
 *
 * @param payload what the next task gets; the one before it adds its result
 * @param options as of {@code add_job}
 */
public record NextJob(String task, ObjectNode payload, ObjectNode options) {
  private static final Set<String> MEMBERS = Set.of("task", "payload", "options");

  /**
   * Reads what follows; nothing when nothing does.
   *
   * @throws dev.millrace.pgjobs.PermanentFailureException when it makes no sense
   */
  public static Optional<NextJob> of(ObjectNode payload) {
    if (!payload.hasNonNull("next")) {
      return Optional.empty();
    }
    if (!(payload.get("next") instanceof ObjectNode next)) {
      throw Payload.wrong("is wrong: next has to be an object");
    }
    Payload.requireKnown(next, MEMBERS);
    var task = Payload.text(next, "task");
    if (task == null || task.isEmpty()) {
      throw Payload.wrong("is wrong: next has no task");
    }
    var found = new NextJob(task, object(next, "payload"), object(next, "options"));
    try {
      var _ = JobJson.toNew(task, "{}", found.options);
    } catch (IllegalArgumentException e) {
      throw Payload.wrong("is wrong: next.options: " + e.getMessage());
    }
    return Optional.of(found);
  }

  /** Returns the job. */
  public NewJob job() {
    return JobJson.toNew(task, payload.toString(), options);
  }

  private static ObjectNode object(ObjectNode next, String name) {
    if (!next.hasNonNull(name)) {
      return next.objectNode();
    }
    if (next.get(name) instanceof ObjectNode object) {
      return object.deepCopy();
    }
    throw Payload.wrong("is wrong: next." + name + " has to be an object");
  }
}
