package dev.millrace.platform.tasks;

import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.events.TransportEventQueue;
import dev.millrace.cluster.pubsub.TransportPubSub;
import dev.millrace.platform.db.Database;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a node has of tasks, in a process of its own as far as it can tell. */
final class TaskNode implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  final UUID id = UUID.randomUUID();
  final TransportPubSub pubSub;
  final TransportEventQueue queue;
  final TaskEvents events;
  final Tasks tasks;
  final Database database;
  private @Nullable TaskRunner runner;

  TaskNode(Database database, TaskWires wires, TaskType... types) {
    this.database = database;
    pubSub = new TransportPubSub(wires.pubSub());
    queue = new TransportEventQueue(wires.events());
    events = new TaskEvents(pubSub);
    var known = new TaskTypes();
    for (var type : types) {
      known.add(type, "test");
    }
    tasks = new Tasks(database, known, events, queue, pubSub, JSON);
  }

  /** Takes tasks, too. */
  TaskNode serving(int concurrency) {
    runner = new TaskRunner(database, id, concurrency, tasks.types(), events, queue, pubSub, JSON);
    return this;
  }

  TaskNode connect() {
    pubSub.connect();
    queue.connect();
    await().until(pubSub::isConnected);
    return this;
  }

  TaskSweep sweep(Duration silence, Duration kept) {
    return new TaskSweep(database, id, tasks, events, silence, kept, JSON);
  }

  Task ask(String type) {
    return ask(type, JSON.createObjectNode());
  }

  Task ask(String type, ObjectNode params) {
    return tasks.create(
        new Task.Request(type, "A test", params, "workspace", "key-1", "request-1", true));
  }

  TaskState state(Task task) {
    return tasks.find(task.id()).orElseThrow().state();
  }

  int active() {
    var open = runner;
    return open == null ? 0 : open.active();
  }

  /** Stops as a node does that was told to. */
  @Override
  public void close() {
    var open = runner;
    if (open != null) {
      open.close();
    }
    queue.close(Duration.ofSeconds(5));
    events.close();
    pubSub.close();
  }
}
