package dev.millrace.server.dashboard;

import dev.millrace.bullmq.FlowProducer;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.NodeJobOptions;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueMetrics;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.StoredJob;
import dev.millrace.bullmq.WorkerInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A BullMQ queue. */
final class BullQueue implements BoardQueue {
  /** In the order in which the pages show them; those of a paused queue are waiting. */
  static final List<JobState> STATES =
      List.of(
          JobState.ACTIVE,
          JobState.WAITING,
          JobState.WAITING_CHILDREN,
          JobState.PRIORITIZED,
          JobState.COMPLETED,
          JobState.FAILED,
          JobState.DELAYED);

  /** What a list may weigh, however many jobs it has and however large they are. */
  private static final int LIST_BYTES = 32 << 20;

  private static final int SMALLEST_SHARE = 16 << 10;
  private static final int LARGEST_SHARE = 256 << 10;

  /** Rows of a log that are shown, the newest: a job may write without an end. */
  private static final int LOG_ROWS = 10_000;

  private final Queue queue;
  private final Parts parts;
  private final BullSchedulers schedulers;
  private final FlowTrees trees;

  /** What all queues share. */
  record Parts(JsonMapper json, Redaction redaction) {}

  BullQueue(RedisConnections redis, Queue queue, Parts parts) {
    this.queue = queue;
    this.parts = parts;
    schedulers = new BullSchedulers(queue, parts);
    trees =
        new FlowTrees(
            new FlowProducer(redis, queue.options()),
            name -> new Queue(redis, name, queue.options()),
            parts.json());
  }

  @Override
  public String name() {
    return queue.name();
  }

  @Override
  public List<String> states() {
    return STATES.stream().map(JobState::wireName).toList();
  }

  @Override
  public List<BoardJob> jobs(List<String> states, long start, long end) {
    var known = states.stream().flatMap(name -> BullQueues.state(name).stream()).toList();
    if (known.isEmpty()) {
      return List.of();
    }
    var share = LIST_BYTES / Math.max(1, known.size() * (end - start + 1));
    var largest = Math.clamp(share, SMALLEST_SHARE, LARGEST_SHARE);
    return queue.getters().stored(known, start, end, largest).stream().map(this::read).toList();
  }

  @Override
  public Optional<BoardJob> job(String id) {
    return queue.getters().stored(id).filter(BullQueue::isJob).map(this::read);
  }

  @Override
  public String state(String id) {
    return queue.state(id).wireName();
  }

  @Override
  public List<String> logs(String id) {
    var newest = new ArrayList<>(queue.jobs().logs(id, 0, LOG_ROWS - 1, false).rows());
    Collections.reverse(newest);
    return newest;
  }

  @Override
  public QueueActions actions() {
    return new BullActions(queue, schedulers);
  }

  @Override
  public Optional<ObjectNode> flow(String id, FlowWindow window) {
    return trees.read(queue, id, window);
  }

  @Override
  public List<ObjectNode> schedulers() {
    return schedulers.list();
  }

  @Override
  public Optional<ObjectNode> metrics() {
    var node = parts.json().createObjectNode();
    for (var type : QueueMetrics.Type.values()) {
      var counted = queue.metrics().finished(type);
      var series = node.putObject(type == QueueMetrics.Type.COMPLETED ? "completed" : "failed");
      series
          .putObject("meta")
          .put("count", counted.count())
          .put("prevTS", counted.previousTime())
          .put("prevCount", counted.previousCount());
      var data = series.putArray("data");
      counted.points().forEach(data::add);
      series.put("count", counted.size());
    }
    return Optional.of(node);
  }

  @Override
  public List<ObjectNode> workers() {
    return queue.workers().stream().map(this::worker).toList();
  }

  private ObjectNode worker(WorkerInfo worker) {
    var node = parts.json().createObjectNode();
    node.put("id", worker.fields().getOrDefault("id", ""));
    node.put("name", worker.name().isEmpty() ? null : worker.name());
    return node.put("addr", worker.address()).put("age", worker.ageSeconds());
  }

  @Override
  public @Nullable ObjectNode rateLimit() {
    return queue
        .settings()
        .globalRateLimit()
        .map(limit ->
            parts
                .json()
                .createObjectNode()
                .put("max", limit.max())
                .put("duration", limit.duration().toMillis()))
        .orElse(null);
  }

  /** Other keys of the queue are hashes, too; they have no name. */
  private static boolean isJob(StoredJob job) {
    return job.fields().containsKey("name") || job.fields().containsKey("data");
  }

  private BoardJob read(StoredJob stored) {
    var fields = stored.fields();
    return new BoardJob(
        stored.id(),
        fields.getOrDefault("name", ""),
        number(fields, "timestamp", 0),
        numberIfThere(fields, "processedOn"),
        fields.get("pb"),
        numberIfThere(fields, "finishedOn"),
        fields.getOrDefault("progress", "0"),
        number(fields, "atm", number(fields, "attemptsMade", 0)),
        fields.get("failedReason"),
        traces(fields.get("stacktrace")),
        number(fields, "delay", 0),
        NodeJobOptions.ofJob(fields.get("opts")),
        fields.getOrDefault("data", "{}"),
        fields.get("returnvalue"),
        new BoardJob.Diagnostics(
            number(fields, "priority", 0),
            number(fields, "ats", 0),
            number(fields, "stc", 0),
            fields.get("deid"),
            fields.get("defa")),
        stored.omittedData(),
        stored.omittedResult());
  }

  private List<String> traces(@Nullable String json) {
    if (json == null) {
      return List.of();
    }
    try {
      var traces = new ArrayList<String>();
      for (var trace : parts.json().readTree(json)) {
        traces.addFirst(trace.isString() ? trace.stringValue() : trace.toString());
      }
      return traces;
    } catch (JacksonException e) {
      return List.of(json);
    }
  }

  private static long number(Map<String, String> fields, String name, long otherwise) {
    var number = numberIfThere(fields, name);
    return number == null ? otherwise : number;
  }

  private static @Nullable Long numberIfThere(Map<String, String> fields, String name) {
    var text = fields.get(name);
    if (text == null) {
      return null;
    }
    try {
      return (long) Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
