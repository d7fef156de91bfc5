package dev.millrace.server.dashboard;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the pages read of queues. */
final class QueuePages {
  private static final long MOST_PER_PAGE = 300;

  /** Numbers beyond are no longer exact in a browser; no queue has so many pages. */
  private static final long LAST_PAGE = 1L << 50;

  private static final Set<String> STATUSES =
      Set.of(
          "latest",
          "active",
          "waiting",
          "waiting-children",
          "prioritized",
          "completed",
          "failed",
          "delayed",
          "paused");

  private final Board board;
  private final JobJson jobs;
  private final JsonMapper json;
  private final Supplier<String> serverInfo;

  /**
   * @param serverInfo what Redis says of itself
   */
  QueuePages(Board board, JobJson jobs, JsonMapper json, Supplier<String> serverInfo) {
    this.board = board;
    this.jobs = jobs;
    this.json = json;
    this.serverInfo = serverInfo;
  }

  void register(BoardRouter routes) {
    routes.get("/api/redis/stats", _ -> RedisStats.of(serverInfo.get(), json).toString());
    routes.get("/api/queues", this::list);
    routes.get("/api/job-schedulers", this::schedulers);
    routes.get("/api/queues/:queue/metrics", this::metrics);
    routes.get("/api/queues/:queue/default-job-options", this::defaultJobOptions);
    routes.get("/api/queues/:queue/workers", this::workers);
    routes.get("/api/queues/:queue/rate-limit", this::rateLimit);
    routes.get("/api/queues/:queue/job-data-schema", this::dataSchema);
  }

  /** Which jobs of the active queue are shown. */
  private record Page(@Nullable String queue, String status, long number, long size) {
    long first() {
      return (number - 1) * size;
    }
  }

  private String list(BoardCall call) {
    var status = call.parameter("status");
    if (status != null && !STATUSES.contains(status)) {
      throw BoardError.invalidQuery("status");
    }
    var page =
        new Page(
            call.parameter("activeQueue"),
            status == null ? "latest" : status,
            call.positive("page", 1, LAST_PAGE),
            call.positive("jobsPerPage", 10, MOST_PER_PAGE));
    var answer = json.createObjectNode();
    var queues = answer.putArray("queues");
    for (var summary : board.summaries()) {
      queues.add(queue(summary, page, call.visitor()));
    }
    return answer.toString();
  }

  private ObjectNode queue(QueueSummary summary, Page page, Visitor visitor) {
    var queue = summary.queue();
    var active = isActive(page, queue.name());
    var node = json.createObjectNode();
    node.put("name", queue.name());
    var statuses = node.putArray("statuses").add("latest");
    queue.states().forEach(statuses::add);
    var counts = node.putObject("counts");
    summary.counts().forEach(counts::put);
    var latest = !active || page.status().equals("latest");
    var states = latest ? queue.states() : List.of(page.status());
    var first = latest ? 0 : page.first();
    var total = latest ? 0 : summary.count(page.status());
    var shown = node.putArray("jobs");
    if (active && (latest || first < total)) {
      queue.jobs(states, first, first + page.size() - 1).forEach(job -> shown.add(jobs.write(job)));
    }
    var pagination = node.putObject("pagination");
    pagination.put("pageCount", latest ? 1 : (total + page.size() - 1) / page.size());
    pagination.putObject("range").put("start", first).put("end", first + page.size() - 1);
    var writable = queue.actions() != null && visitor.mayChange();
    node.put("readOnlyMode", !writable);
    node.put("allowRetries", writable).put("allowCompletedRetries", writable);
    node.put("isPaused", summary.paused()).put("type", "bullmq").put("delimiter", "");
    node.put("globalConcurrency", summary.concurrency());
    node.put("activeRateLimitTtl", summary.limitedMillis());
    node.put("supportsGlobalRateLimit", queue.actions() != null);
    node.put("jobSchedulerCount", summary.schedulers());
    return node.put("hasWorkers", summary.hasWorkers());
  }

  /** Pages that know no better encode the name twice. */
  private static boolean isActive(Page page, String name) {
    var asked = page.queue();
    return asked != null && (asked.equals(name) || decoded(asked).equals(name));
  }

  private static String decoded(String text) {
    try {
      return BoardRouter.decode(text);
    } catch (BoardError e) {
      return text;
    }
  }

  private String schedulers(BoardCall call) {
    var wanted = call.parameter("queueName");
    var answer = json.createObjectNode();
    var all = answer.putArray("schedulers");
    for (var summary : board.summaries()) {
      var name = summary.queue().name();
      if (summary.schedulers() > 0
          && (wanted == null || wanted.equals(name) || decoded(wanted).equals(name))) {
        summary.queue().schedulers().forEach(node -> all.add(node.put("queueName", name)));
      }
    }
    return answer.toString();
  }

  private String metrics(BoardCall call) {
    return board
        .require(call.queue())
        .metrics()
        .orElseGet(() -> json.createObjectNode().putNull("completed").putNull("failed"))
        .toString();
  }

  private String defaultJobOptions(BoardCall call) {
    return board.require(call.queue()).defaultJobOptions().map(Object::toString).orElse("{}");
  }

  private String workers(BoardCall call) {
    var workers = board.require(call.queue()).workers();
    var answer = json.createObjectNode();
    if (workers == null) {
      answer.putNull("workers");
    } else {
      answer.putArray("workers").addAll(workers);
    }
    return answer.toString();
  }

  private String rateLimit(BoardCall call) {
    var queue = board.require(call.queue());
    var answer = json.createObjectNode().put("supported", queue.actions() != null);
    answer.set("rateLimit", queue.rateLimit() == null ? json.nullNode() : queue.rateLimit());
    return answer.toString();
  }

  private String dataSchema(BoardCall call) {
    board.require(call.queue());
    return "{}";
  }
}
