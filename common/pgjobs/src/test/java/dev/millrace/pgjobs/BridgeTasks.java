package dev.millrace.pgjobs;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The tasks of the interop suites, as {@code src/interop/tasks.mjs} has them. {@code work} notes
 * when it begins and ends, in between it takes as long as its payload says, and fails as often.
 */
final class BridgeTasks {
  private BridgeTasks() {}

  static Tasks of(JsonNode names, String worker) {
    var tasks = Tasks.builder();
    names.valueStream().map(JsonNode::asString).forEach(name -> add(tasks, name, worker));
    return tasks.build();
  }

  private static void add(Tasks.Builder tasks, String name, String worker) {
    if (name.startsWith("batch")) {
      tasks.addBatch(
          name,
          batch -> {
            for (var i = 0; i < batch.items().size(); i++) {
              var item = batch.items().get(i);
              if (item.path("failUntil").asInt(0) >= batch.context().job().attempts()) {
                batch.fail(i, new IllegalStateException("item " + item.path("n")));
              }
            }
            var _ = note(batch.context(), worker);
          });
    } else {
      tasks.add(name, job -> work(job, worker));
    }
  }

  private static void work(TaskContext job, String worker) throws InterruptedException {
    var payload = job.payload();
    var run = note(job, worker);
    var _ = job.abortSignal().await(Duration.ofMillis(payload.path("sleep").asInt(0)));
    if (job.job().attempts() <= payload.path("failUntil").asInt(0)) {
      throw new IllegalStateException("fails until attempt " + payload.path("failUntil"));
    }
    job.query("UPDATE runs SET ended = clock_timestamp() WHERE id = ? RETURNING id", run);
  }

  /** Notes that a run began; returns the run's id. */
  private static @Nullable Object note(TaskContext job, String worker) {
    return job.query(
            """
            INSERT INTO runs (job_id, task, attempt, worker, queue, payload, run_at, key)
            VALUES (?, ?, ?, ?, ?, ?::json, ?, ?) RETURNING id
            """,
            job.job().id(),
            job.job().task(),
            job.job().attempts(),
            worker,
            job.job().queueName(),
            job.payloadText(),
            JobRows.time(job.job().runAt()),
            job.job().key())
        .getFirst()
        .get("id");
  }
}
