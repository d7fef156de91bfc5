package dev.millrace.bullmq;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A queue of a name of its own, and what tests want to know about it. */
final class TestQueue implements AutoCloseable {
  final RedisConnections connections;
  final String name = "t-" + UUID.randomUUID();
  final Queue queue;
  private final List<Worker> workers = new CopyOnWriteArrayList<>();

  TestQueue(String url) {
    this(url, QueueOptions.DEFAULT);
  }

  TestQueue(String url, QueueOptions options) {
    connections = RedisConnections.connect(RedisURI.create(url));
    queue = new Queue(connections, name, options);
  }

  static WorkerOptions.Builder workerOptions() {
    return WorkerOptions.builder().drainDelay(Duration.ofSeconds(1));
  }

  Worker start(Processor processor, WorkerOptions options) {
    var worker = Worker.start(connections, name, processor, options);
    workers.add(worker);
    return worker;
  }

  Worker start(Processor processor) {
    return start(processor, workerOptions().build());
  }

  Job add(String jobName) {
    return queue.add(jobName, "{}");
  }

  Job add(String jobName, JobOptions.Builder options) {
    return queue.add(jobName, "{}", options.build());
  }

  RedisCommands<String, String> redis() {
    return connections.shared().sync();
  }

  String key(String suffix) {
    return "bull:" + name + ":" + suffix;
  }

  /** The scripts as a worker that never renews a lock would use them. */
  JobSource manualSource(WorkerOptions options) {
    var scripts =
        new Scripts(connections, new Keys("bull", name), options.compat(), options.eagerFail());
    return new JobSource(scripts, options, _ -> {});
  }

  /** Takes the next job by hand, which must be there. */
  ActiveJob take() throws InterruptedException {
    return manual().next(Duration.ZERO).orElseThrow();
  }

  ManualWorker manual() {
    return new ManualWorker(connections, name, WorkerOptions.DEFAULT);
  }

  /** Forgets the events so far. */
  void clearEvents() {
    redis().del(key("events"));
  }

  /** The stream, each entry as its fields and values joined with blanks. */
  List<String> events() {
    return redis().xrange(key("events"), Range.unbounded(), Limit.unlimited()).stream()
        .map(entry ->
            entry.getBody().entrySet().stream()
                .map(field -> field.getKey() + " " + field.getValue())
                .reduce((a, b) -> a + " " + b)
                .orElseThrow())
        .toList();
  }

  @Override
  public void close() {
    workers.forEach(worker -> worker.stop(Duration.ZERO));
    connections.close();
  }
}
