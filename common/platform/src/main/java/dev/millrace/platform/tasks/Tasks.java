package dev.millrace.platform.tasks;

import dev.millrace.cluster.Subscription;
import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.events.EventOptions;
import dev.millrace.cluster.events.EventQueue;
import dev.millrace.cluster.events.QueueFullException;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.pubsub.PublishOptions;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.Page;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Background tasks of users: asked for on any node, run by a node that serves {@code
 * async-task:process}. The row is the truth; the event queue only says that there is one, so a
 * message that is lost costs time and nothing else. Thread-safe.
 */
public final class Tasks {
  private static final Logger LOG = LoggerFactory.getLogger(Tasks.class);

  /** The channel of the event queue. */
  static final String QUEUE = "async-task-manager.task";

  /** Tells the node that runs a task to stop. */
  static final String CANCEL = "async-task-manager.task.cancel";

  /** Tasks have no time of their own: what limits them is their type. */
  static final EventOptions OPTIONS = EventOptions.DEFAULT.withTimeout(Duration.ofDays(1));

  private final TaskStore store;
  private final TaskTypes types;
  private final TaskEvents events;
  private final EventQueue queue;
  private final PubSub pubSub;

  record Ring(UUID id, String requestId) {}

  public Tasks(
      Database database,
      TaskTypes types,
      TaskEvents events,
      EventQueue queue,
      PubSub pubSub,
      JsonMapper json) {
    this.store = new TaskStore(database, json);
    this.types = types;
    this.events = events;
    this.queue = queue;
    this.pubSub = pubSub;
  }

  /** Returns the kinds of tasks there are. */
  public TaskTypes types() {
    return types;
  }

  /**
   * Asks for a task.
   *
   * @throws IllegalArgumentException when there is no such type, or it refuses the parameters
   */
  public Task create(Task.Request request) {
    var type =
        types
            .find(request.type())
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no task type \""
                        + request.type()
                        + "\"; known are "
                        + String.join(", ", types.names())));
    type.check(request.params());
    var task = store.create(UUID.randomUUID(), request, types.origin(request.type()));
    ring(task.id(), request.requestId());
    return task;
  }

  /** Says that a task waits; when that fails, it is said again a little later. */
  void ring(UUID id, String requestId) {
    try {
      queue.publish(QUEUE, new Ring(id, requestId), OPTIONS);
    } catch (UnavailableException | QueueFullException e) {
      LOG.warn("task {} begins late, as the queue does not take it now: {}", id, e.getMessage());
      store.unheard(id);
    }
  }

  public Optional<Task> find(UUID id) {
    return store.find(id);
  }

  /** Returns what somebody asked for, the newest first. */
  public Page<Task> list(String createdBy, int page, int limit) {
    return store.list(createdBy, page, limit);
  }

  /** Returns the file that a task made. */
  public Optional<Task.File> file(UUID id) {
    return store.file(id);
  }

  /**
   * Ends a task wherever it runs; does nothing when it has ended.
   *
   * @return whether it was this call that ended it
   */
  public boolean cancel(UUID id) {
    var cancelled = store.cancel(id);
    cancelled.ifPresent(task -> {
      // To this node, too: the task may run here.
      pubSub.publish(CANCEL, id, PublishOptions.EVERYONE);
      events.moved(id);
      if (task.attempt() > 0) {
        // The node that ran it may be gone.
        types.abandoned(task);
      }
    });
    return cancelled.isPresent();
  }

  /** Calls a listener whenever a task may have moved on. */
  public Subscription listen(UUID id, Runnable listener) {
    return events.listen(id, listener);
  }

  /** Returns how many tasks wait to be run. */
  public long pending() {
    return store.pending();
  }
}
