package dev.millrace.server.api;

import dev.millrace.pgjobs.Cleanup;
import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobFilter;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.PgJobsException;
import dev.millrace.pgjobs.Reschedule;
import dev.millrace.pgjobs.SchemaVersionException;
import dev.millrace.platform.jobs.BackgroundJobs;
import dev.millrace.platform.jobs.JobJson;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.JsonBody;
import dev.millrace.server.http.Query;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code /jobs}: background jobs. They belong to no workspace, so only keys of the first one see
 * them.
 */
public final class JobsApi {
  private static final int LIMIT = 50;
  private static final int MOST = 1_000;

  private final BackgroundJobs jobs;
  private final Authentication authentication;
  private final String workspaceId;
  private final InstantSource clock;
  private final JsonMapper json;

  /**
   * @param workspaceId whose keys may use this
   */
  public JobsApi(
      BackgroundJobs jobs,
      Authentication authentication,
      String workspaceId,
      InstantSource clock,
      JsonMapper json) {
    this.jobs = jobs;
    this.authentication = authentication;
    this.workspaceId = workspaceId;
    this.clock = clock;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.exception(SchemaVersionException.class, (e, ctx) -> refuse(ctx, 503, e));
    routes.exception(PgJobsException.class, (e, ctx) -> refuse(ctx, status(e), e));
    routes.get("/api/v1/jobs", this::list);
    routes.post("/api/v1/jobs", this::add);
    routes.delete("/api/v1/jobs", this::removeByKey);
    routes.get("/api/v1/jobs/stats", this::stats);
    routes.post("/api/v1/jobs/cleanup", this::cleanup);
    routes.get("/api/v1/jobs/{id}", this::read);
    routes.delete("/api/v1/jobs/{id}", this::remove);
    routes.post("/api/v1/jobs/{id}/retry", this::retry);
    routes.post("/api/v1/jobs/{id}/fail", this::fail);
  }

  private void list(Context ctx) {
    var found =
        allowed(ctx)
            .list(
                new JobFilter(
                    state(ctx),
                    ctx.queryParam("task"),
                    Math.max(0, Query.number(ctx, "offset", 0)),
                    Math.clamp(Query.number(ctx, "limit", LIMIT), 1, MOST)));
    answer(ctx, 200, array(found));
  }

  private void add(Context ctx) {
    var body = JsonBody.read(ctx, json);
    var allowed = allowed(ctx);
    try {
      answer(ctx, 201, JobJson.of(allowed.add(JobJson.toNew(body))));
    } catch (IllegalArgumentException e) {
      throw new ApiException(400, String.valueOf(e.getMessage()));
    }
  }

  private void stats(Context ctx) {
    var allowed = allowed(ctx);
    var answer = json.createObjectNode().put("schema", allowed.options().name());
    answer.put("revision", allowed.revision());
    var tasks = answer.putArray("tasks");
    allowed.counts().forEach(counts -> tasks.add(JobJson.of(counts)));
    var runners = answer.putArray("runners");
    allowed.runners().forEach(runner -> runners.add(JobJson.of(runner)));
    answer(ctx, 200, answer);
  }

  private void read(Context ctx) {
    var allowed = allowed(ctx);
    var id = id(ctx);
    var answer = JobJson.of(allowed.find(id).orElseThrow(() -> notFound(id)));
    allowed.payload(id).ifPresent(payload -> answer.set("payload", json.readTree(payload)));
    answer(ctx, 200, answer);
  }

  private void retry(Context ctx) {
    var allowed = allowed(ctx);
    answer(ctx, allowed, allowed.reschedule(List.of(id(ctx)), Reschedule.again(clock.instant())));
  }

  private void fail(Context ctx) {
    var allowed = allowed(ctx);
    var reason = JsonBody.read(ctx, json).path("reason").asString("");
    answer(
        ctx, allowed, allowed.permanentlyFail(List.of(id(ctx)), reason.isEmpty() ? null : reason));
  }

  private void remove(Context ctx) {
    var allowed = allowed(ctx);
    answer(ctx, allowed, allowed.complete(List.of(id(ctx))));
  }

  private void removeByKey(Context ctx) {
    var allowed = allowed(ctx);
    var key = ctx.queryParam("key");
    if (key == null || key.isEmpty()) {
      throw new ApiException(400, "key is missing: the key of the job to remove");
    }
    var removed =
        allowed
            .remove(key)
            .orElseThrow(() -> new ApiException(404, "There is no job of key " + key));
    answer(ctx, 200, JobJson.of(removed));
  }

  private void cleanup(Context ctx) {
    var what = EnumSet.noneOf(Cleanup.class);
    var allowed = allowed(ctx);
    for (var one : JsonBody.read(ctx, json).path("what")) {
      what.add(cleanup(one.asString("")));
    }
    if (what.isEmpty()) {
      what = EnumSet.of(Cleanup.TASK_IDENTIFIERS, Cleanup.JOB_QUEUES);
    }
    answer(ctx, 200, json.createObjectNode().put("removed", allowed.cleanup(what, Set.of())));
  }

  private static Cleanup cleanup(String name) {
    for (var known : Cleanup.values()) {
      if (known.name().equalsIgnoreCase(name)) {
        return known;
      }
    }
    throw new ApiException(
        400, "what has to be a list of task_identifiers, job_queues and dead_jobs, not " + name);
  }

  private static JobFilter.@Nullable State state(Context ctx) {
    var name = ctx.queryParam("state");
    if (name == null || name.isEmpty()) {
      return null;
    }
    for (var state : JobFilter.State.values()) {
      if (state.name().equals(name.toUpperCase(Locale.ROOT))) {
        return state;
      }
    }
    throw new ApiException(400, "state has to be ready, waiting, locked or dead, not " + name);
  }

  private PgJobs allowed(Context ctx) {
    if (!authentication.require(ctx).workspaceId().equals(workspaceId)) {
      throw new ApiException(403, "Background jobs are for keys of the first workspace only");
    }
    return jobs.jobs();
  }

  private static long id(Context ctx) {
    try {
      return Long.parseLong(ctx.pathParam("id"));
    } catch (NumberFormatException e) {
      throw new ApiException(400, "A job's id is a whole number, not " + ctx.pathParam("id"));
    }
  }

  /** Answers with the one job that was changed; those that run are left alone. */
  private void answer(Context ctx, PgJobs allowed, List<Job> changed) {
    var id = id(ctx);
    if (!changed.isEmpty()) {
      answer(ctx, 200, JobJson.of(changed.getFirst()));
    } else if (allowed.find(id).isPresent()) {
      throw new ApiException(409, "Job " + id + " runs; it is left alone until it ends");
    } else {
      throw notFound(id);
    }
  }

  private static ApiException notFound(long id) {
    return new ApiException(404, "There is no job " + id + "; jobs that are done are deleted");
  }

  private JsonNode array(Collection<Job> found) {
    var array = json.createArrayNode();
    found.forEach(job -> array.add(JobJson.of(job)));
    return array;
  }

  private static void answer(Context ctx, int status, JsonNode body) {
    ctx.status(status).contentType("application/json; charset=utf-8").result(body.toString());
  }

  /** What PostgreSQL refuses because of a value (class 22, 23, GWBKM) is the caller's doing. */
  private static int status(PgJobsException e) {
    var state = e.sqlState();
    return state.startsWith("22") || state.startsWith("23") || state.equals("GWBKM") ? 400 : 503;
  }

  private void refuse(Context ctx, int status, Exception e) {
    var body =
        json.createObjectNode()
            .put("statusCode", status)
            .put("success", false)
            .put("message", e.getMessage());
    body.putObject("stack");
    answer(ctx, status, body);
  }
}
