package dev.millrace.server.api;

import dev.millrace.platform.events.StreamEvent;
import dev.millrace.platform.tasks.Task;
import dev.millrace.platform.tasks.Tasks;
import dev.millrace.server.sse.SseStream;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code GET /api/v1/tasks/{id}/events}: a stream of what changes of a task, to its end: {@code
 * progress}, {@code status}, and {@code deleted}; the data of each is the task. Whichever node runs
 * it, any server streams it. A message between nodes that was lost is made up for within seconds.
 */
final class TaskStream {
  private static final Logger LOG = LoggerFactory.getLogger(TaskStream.class);
  private static final long LOOK_SECONDS = 5;

  private final Tasks tasks;
  private final JsonMapper json;

  TaskStream(Tasks tasks, JsonMapper json) {
    this.tasks = tasks;
    this.json = json;
  }

  void send(Context ctx, Task task) throws InterruptedException {
    var moved = new Semaphore(0);
    try (var _ = tasks.listen(task.id(), moved::release)) {
      var stream = SseStream.open(ctx);
      stream.write(List.of(event("status", task)));
      var seen = task;
      while (!seen.state().isEnd()) {
        var told = moved.tryAcquire(LOOK_SECONDS, TimeUnit.SECONDS);
        moved.drainPermits();
        var now = tasks.find(task.id()).orElse(null);
        if (now == null) {
          stream.write(List.of(event("deleted", seen)));
          break;
        }
        if (!now.equals(seen)) {
          stream.write(List.of(event(now.state() == seen.state() ? "progress" : "status", now)));
        } else if (!told) {
          stream.heartbeat();
        }
        seen = now;
      }
      stream.write(List.of(StreamEvent.text("end", "[DONE]")));
    } catch (IOException e) {
      LOG.debug("the client that watched task {} is gone", task.id(), e);
    }
  }

  private StreamEvent event(String name, Task task) {
    return new StreamEvent(name, TaskJson.of(task, json).toString());
  }
}
