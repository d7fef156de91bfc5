package dev.millrace.platform.tasks;

import dev.millrace.platform.db.Database;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Has tasks run again whose nodes are gone, tells the queue again of those that wait too long, and
 * forgets old ones. To be called every few seconds by one node; several do no harm.
 */
public final class TaskSweep implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskSweep.class);

  /** A node says every two seconds that it is at work. */
  static final Duration SILENCE = Duration.ofSeconds(10);

  private static final Duration UNHEARD = Duration.ofSeconds(30);

  private final TaskClaims claims;
  private final Tasks tasks;
  private final TaskEvents events;
  private final Duration silence;
  private final Duration kept;
  private final JsonMapper json;

  /**
   * @param node the id of this process
   * @param kept how long a task that ended can be seen
   */
  public TaskSweep(
      Database database,
      UUID node,
      Tasks tasks,
      TaskEvents events,
      Duration kept,
      JsonMapper json) {
    this(database, node, tasks, events, SILENCE, kept, json);
  }

  TaskSweep(
      Database database,
      UUID node,
      Tasks tasks,
      TaskEvents events,
      Duration silence,
      Duration kept,
      JsonMapper json) {
    this.claims = new TaskClaims(database, node, json);
    this.tasks = tasks;
    this.events = events;
    this.silence = silence;
    this.kept = kept;
    this.json = json;
  }

  @Override
  public void run() {
    for (var task : claims.abandoned(silence)) {
      recover(task);
    }
    claims.unheard(UNHEARD).forEach(id -> tasks.ring(id, "recovery"));
    var forgotten = claims.forget(kept);
    if (forgotten > 0) {
      LOG.debug("{} tasks that ended are forgotten", forgotten);
    }
  }

  private void recover(TaskClaims.Abandoned task) {
    var most = tasks.types().find(task.type()).map(TaskType::attempts).orElse(1);
    var failure =
        task.attempt() < most
            ? null
            : json.createObjectNode()
                .put(
                    "message",
                    "the node that ran it is gone, for the " + task.attempt() + ". time; given up")
                .toString();
    claims
        .takeFrom(task, silence, failure)
        .ifPresent(taken -> {
          LOG.warn(
              "task {} ({}) was left by a node that is gone: {}",
              task.id(),
              task.type(),
              failure == null ? "it runs again" : "given up");
          events.moved(task.id());
          if (taken.state().isEnd()) {
            tasks.types().abandoned(taken);
          }
        });
  }
}
