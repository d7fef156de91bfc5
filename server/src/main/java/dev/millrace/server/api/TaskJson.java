package dev.millrace.server.api;

import dev.millrace.platform.db.UtcColumn;
import dev.millrace.platform.tasks.Task;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A task as clients see it; its parameters stay inside. */
final class TaskJson {
  private TaskJson() {}

  static ObjectNode of(Task task, JsonMapper json) {
    var shown =
        json.createObjectNode()
            .put("id", task.id().toString())
            .put("type", task.request().type())
            .put("title", task.request().title())
            .put("state", task.state().name())
            .put("status", task.state().status())
            .put("cancelable", task.request().cancelable())
            .put("progressCurrent", task.current())
            .put("progressTotal", task.total())
            .put("attempt", task.attempt())
            .put("hasFile", task.hasFile())
            .put("createdById", task.request().createdBy())
            .put("requestId", task.request().requestId())
            .put("createdAt", UtcColumn.json(task.created()))
            .put("startedAt", time(task.started()))
            .put("doneAt", time(task.done()));
    var result = task.result();
    if (result == null) {
      shown.putNull("result");
    } else {
      shown.set("result", result);
    }
    return shown;
  }

  private static @Nullable String time(@Nullable Instant time) {
    return time == null ? null : UtcColumn.json(time);
  }
}
