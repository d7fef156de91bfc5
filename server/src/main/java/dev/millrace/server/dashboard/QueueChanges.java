package dev.millrace.server.dashboard;

import dev.millrace.server.dashboard.QueueActions.SchedulerTimes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the pages do to queues and schedulers. */
final class QueueChanges {
  private static final String NOTHING = "{}";

  private final Board board;
  private final JobJson jobs;
  private final JsonMapper json;

  QueueChanges(Board board, JobJson jobs, JsonMapper json) {
    this.board = board;
    this.jobs = jobs;
    this.json = json;
  }

  void register(BoardRouter routes) {
    routes.change("PUT", "/api/queues/pause", _ -> forAll(this::pauseUnlessPaused));
    routes.change("PUT", "/api/queues/resume", _ -> forAll(this::resumeIfPaused));
    routes.change("PUT", "/api/queues/:queue/retry/:status", this::retryAll);
    change(routes, "promote", QueueActions::promoteAll);
    routes.change("PUT", "/api/queues/:queue/clean/:status", this::clean);
    change(routes, "pause", QueueActions::pause);
    change(routes, "resume", QueueActions::resume);
    routes.change("PUT", "/api/queues/:queue/concurrency", this::concurrency);
    routes.change("PUT", "/api/queues/:queue/rate-limit", this::rateLimit);
    change(routes, "rate-limit/release", QueueActions::releaseRateLimit);
    change(routes, "empty", QueueActions::empty);
    routes.change("PUT", "/api/queues/:queue/obliterate", this::obliterate);
    var scheduler = "/api/queues/:queue/job-schedulers/:id";
    routes.change("PUT", scheduler + "/remove", this::removeScheduler);
    routes.change("PATCH", scheduler, this::updateScheduler);
    routes.change("PUT", scheduler + "/run", this::runScheduler);
  }

  private void change(BoardRouter routes, String path, Consumer<QueueActions> action) {
    routes.change(
        "PUT",
        "/api/queues/:queue/" + path,
        call -> {
          action.accept(board.actions(call));
          return NOTHING;
        });
  }

  private String forAll(Consumer<QueueActions> action) {
    for (var summary : board.summaries()) {
      var actions = summary.queue().actions();
      if (actions != null) {
        action.accept(actions);
      }
    }
    return NOTHING;
  }

  private void pauseUnlessPaused(QueueActions actions) {
    if (!actions.isPaused()) {
      actions.pause();
    }
  }

  private void resumeIfPaused(QueueActions actions) {
    if (actions.isPaused()) {
      actions.resume();
    }
  }

  private String retryAll(BoardCall call) {
    var actions = board.actions(call);
    var status = call.status();
    if (!status.equals("completed") && !status.equals("failed")) {
      throw new BoardError(400, "STATUS_NOT_RETRIABLE").option("status", status);
    }
    var before =
        board.summaries().stream()
            .filter(summary -> summary.queue().name().equals(call.queue()))
            .mapToLong(summary -> summary.count(status))
            .sum();
    var retried = actions.retryAll(status);
    return json.createObjectNode()
        .put("retried", retried)
        .put("skipped", Math.max(0, before - retried))
        .toString();
  }

  private String clean(BoardCall call) {
    board.actions(call).clean(call.status());
    return NOTHING;
  }

  private String concurrency(BoardCall call) {
    var actions = board.actions(call);
    var limit = call.object("INVALID_CONCURRENCY").path("concurrency");
    if (!isWhole(limit) || limit.doubleValue() < 0) {
      throw BoardError.invalid("INVALID_CONCURRENCY");
    }
    actions.concurrency((long) limit.doubleValue());
    return NOTHING;
  }

  private String rateLimit(BoardCall call) {
    var actions = board.actions(call);
    var body = call.object("INVALID_RATE_LIMIT");
    var max = body.path("max");
    var duration = body.path("duration");
    if (max.isNull() || max.isMissingNode()) {
      actions.rateLimit(null, 0);
    } else if (isWhole(max)
        && isWhole(duration)
        && max.doubleValue() >= 1
        && duration.doubleValue() >= 1) {
      actions.rateLimit((long) max.doubleValue(), (long) duration.doubleValue());
    } else {
      throw BoardError.invalid("INVALID_RATE_LIMIT");
    }
    return NOTHING;
  }

  private String obliterate(BoardCall call) {
    var actions = board.actions(call);
    var force = call.object("INVALID_REQUEST_BODY").path("force");
    if (!force.isMissingNode() && !force.isBoolean()) {
      throw BoardError.invalidBody("force");
    }
    actions.obliterate(force.asBoolean(false));
    return NOTHING;
  }

  private String removeScheduler(BoardCall call) {
    if (!board.actions(call).removeScheduler(call.id())) {
      throw new BoardError(404, "JOB_SCHEDULER_NOT_FOUND");
    }
    return "";
  }

  private String runScheduler(BoardCall call) {
    var id = board.actions(call).runScheduler(call.id());
    var job = board.require(call.queue()).job(id).orElseThrow(BoardError::jobNotFound);
    var answer = json.createObjectNode();
    answer.set("job", jobs.write(job));
    return answer.toString();
  }

  private String updateScheduler(BoardCall call) {
    var actions = board.actions(call);
    var body = call.object("INVALID_SCHEDULER_SCHEDULE");
    var pattern = text(body, "pattern");
    var every = number(body, "every", "INVALID_SCHEDULER_INTERVAL");
    if (every != null && every <= 0) {
      throw BoardError.invalid("INVALID_SCHEDULER_INTERVAL");
    }
    var limit = body.path("limit");
    var isLimited = !limit.isNull() && !limit.isMissingNode();
    if (isLimited && (!isWhole(limit) || limit.doubleValue() < 1)) {
      throw BoardError.invalid("INVALID_SCHEDULER_LIMIT");
    }
    var end = number(body, "endDate", "INVALID_SCHEDULER_END_DATE");
    if (end != null && end <= System.currentTimeMillis()) {
      throw BoardError.invalid("INVALID_SCHEDULER_END_DATE");
    }
    if ((pattern == null) == (every == null)) {
      throw BoardError.invalid("INVALID_SCHEDULER_SCHEDULE");
    }
    actions.updateScheduler(
        call.id(),
        new SchedulerTimes(
            pattern,
            every == null ? null : (long) Math.max(1, every),
            text(body, "tz"),
            isLimited ? (long) limit.doubleValue() : null,
            end == null ? null : end.longValue()));
    return "";
  }

  private static @Nullable String text(ObjectNode body, String name) {
    var node = body.path(name);
    if (!node.isMissingNode() && !node.isString()) {
      throw BoardError.invalidBody(name);
    }
    var text = node.isString() ? node.stringValue().strip() : "";
    return text.isEmpty() ? null : text;
  }

  /** Returns a number that may come as text. */
  private static @Nullable Double number(ObjectNode body, String name, String key) {
    var node = body.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    try {
      var number = node.isNumber() ? node.doubleValue() : Double.parseDouble(node.asString(""));
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw BoardError.invalid(key);
    }
    throw BoardError.invalid(key);
  }

  static boolean isWhole(JsonNode node) {
    return node.isNumber() && node.doubleValue() == Math.rint(node.doubleValue());
  }
}
