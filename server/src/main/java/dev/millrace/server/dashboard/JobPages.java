package dev.millrace.server.dashboard;

import dev.millrace.server.dashboard.BoardQueue.FlowWindow;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the pages read of single jobs, and do to them. */
final class JobPages {
  private static final int MAX_PRIORITY = 2_097_151;
  private static final String NOTHING = "{}";
  private static final String NO_CONTENT = "";

  private final Board board;
  private final JobJson jobs;
  private final JsonMapper json;

  JobPages(Board board, JobJson jobs, JsonMapper json) {
    this.board = board;
    this.jobs = jobs;
    this.json = json;
  }

  void register(BoardRouter routes) {
    var job = "/api/queues/:queue/:id";
    routes.get(job + "/logs", this::logs);
    routes.get(job + "/flow", this::flow);
    routes.get(job, this::job);
    routes.change("POST", "/api/queues/:queue/add", this::add);
    routes.change("PUT", job + "/retry", this::retry);
    routes.change("PUT", job + "/clean", this::remove);
    routes.change("PUT", job + "/promote", this::promote);
    routes.change("PATCH", job + "/update-data", this::updateData);
    routes.change("PATCH", job + "/delay", this::delay);
    routes.change("PATCH", job + "/priority", this::priority);
    routes.change("PUT", job + "/remove-unprocessed-children", this::removeUnprocessed);
  }

  private String job(BoardCall call) {
    var queue = board.require(call.queue());
    return withState(queue, require(queue, call.id())).toString();
  }

  private ObjectNode withState(BoardQueue queue, BoardJob job) {
    var answer = json.createObjectNode();
    answer.set("job", jobs.write(job));
    return answer.put("status", queue.state(job.id()));
  }

  private String logs(BoardCall call) {
    var rows = json.createArrayNode();
    board.require(call.queue()).logs(call.id()).forEach(rows::add);
    return rows.toString();
  }

  private String flow(BoardCall call) {
    var queue = board.require(call.queue());
    require(queue, call.id());
    var window =
        new FlowWindow(
            "node".equals(call.parameter("root")),
            call.clamped("depth", 10, 1, 20),
            call.clamped("maxChildren", 20, 1, 1000));
    return queue
        .flow(call.id(), window)
        .orElseGet(() ->
            json.createObjectNode()
                .put("nodeId", call.id())
                .put("isFlowNode", false)
                .putNull("flowRoot"))
        .toString();
  }

  private String add(BoardCall call) {
    var actions = board.actions(call);
    var body = call.object("INVALID_REQUEST_BODY");
    var name = body.path("name");
    if (!name.isMissingNode() && !name.isString()) {
      throw BoardError.invalidBody("name");
    }
    var options = body.path("options");
    if (!options.isMissingNode() && !options.isObject()) {
      throw BoardError.invalidBody("options");
    }
    var data = body.path("data");
    requireWhole(data);
    jobs.redaction().requireUnmasked(data);
    var id =
        actions.add(
            name.asString(""),
            data.isMissingNode() ? "{}" : data.toString(),
            options.isMissingNode() ? "{}" : options.toString());
    var queue = board.require(call.queue());
    return withState(queue, require(queue, id)).toString();
  }

  private String retry(BoardCall call) {
    var actions = board.actions(call);
    var queue = board.require(call.queue());
    require(queue, call.id());
    var state = queue.state(call.id());
    if (!state.equals("completed") && !state.equals("failed")) {
      throw new BoardError(400, "JOB_NOT_RETRIABLE").option("state", state);
    }
    actions.retry(call.id(), state);
    return NO_CONTENT;
  }

  private String remove(BoardCall call) {
    actionsOfExisting(call).remove(call.id());
    return NO_CONTENT;
  }

  private String promote(BoardCall call) {
    actionsOfExisting(call).promote(call.id());
    return NO_CONTENT;
  }

  private String updateData(BoardCall call) {
    var actions = board.actions(call);
    var job = require(board.require(call.queue()), call.id());
    var sent = call.object("INVALID_REQUEST_BODY").path("jobData");
    requireWhole(sent);
    var stored = job.data() == null ? "{}" : job.data();
    var data = sent.isMissingNode() ? json.createObjectNode() : sent;
    actions.updateData(call.id(), jobs.redaction().restore(data, stored).toString());
    return NOTHING;
  }

  /** Lists leave out large data: who edits what stands there instead must not lose them. */
  private static void requireWhole(JsonNode data) {
    if (data.has(JobJson.OMITTED)) {
      throw BoardError.invalidBody("data")
          .details("These data were too large for a list: open the job, and edit them there");
    }
  }

  private String delay(BoardCall call) {
    var actions = actionsOfExisting(call);
    var runAt = call.object("INVALID_RUN_AT").path("runAt");
    if (!runAt.isNumber()) {
      throw BoardError.invalid("INVALID_RUN_AT");
    }
    actions.runAt(call.id(), (long) runAt.doubleValue());
    return NOTHING;
  }

  private String priority(BoardCall call) {
    var actions = actionsOfExisting(call);
    var priority = call.object("INVALID_PRIORITY").path("priority");
    if (!QueueChanges.isWhole(priority)
        || priority.doubleValue() < 0
        || priority.doubleValue() > MAX_PRIORITY) {
      throw BoardError.invalid("INVALID_PRIORITY").option("max", MAX_PRIORITY);
    }
    actions.changePriority(call.id(), (int) priority.doubleValue());
    return NOTHING;
  }

  private String removeUnprocessed(BoardCall call) {
    var removed = actionsOfExisting(call).removeUnprocessedChildren(call.id());
    return json.createObjectNode().put("removed", removed).toString();
  }

  private QueueActions actionsOfExisting(BoardCall call) {
    var actions = board.actions(call);
    require(board.require(call.queue()), call.id());
    return actions;
  }

  private static BoardJob require(BoardQueue queue, String id) {
    return queue.job(id).orElseThrow(BoardError::jobNotFound);
  }
}
