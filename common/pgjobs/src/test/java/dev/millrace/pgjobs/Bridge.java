package dev.millrace.pgjobs;

import dev.millrace.pgjobs.cron.Crontab;
import dev.millrace.testing.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A program that a foreign test drives: it reads requests as JSON lines on stdin and answers on
 * stdout, in any order.
 *
 * <pre>
 * → {"id":1,"op":"open","args":[{"port":5432,"database":"d","schema":"graphile_worker"}]}
 * ← {"id":1,"ok":true,"result":"h1"}
 * → {"id":2,"op":"add","h":"h1","args":[{"task":"a","payload":{},"jobKey":"k"}]}
 * ← {"id":2,"ok":true,"result":"17"}
 * </pre>
 *
 * <p>Its tasks do what {@code src/interop/tasks.mjs} does in Node, and note it in the same table.
 */
public final class Bridge {
  private final PrintStream out;
  private final ReentrantLock writing = new ReentrantLock();
  private final AtomicInteger handles = new AtomicInteger();
  private final Map<String, Object> objects = new ConcurrentHashMap<>();

  private Bridge(PrintStream out) {
    this.out = out;
  }

  /** Serves requests until stdin ends. */
  public static void main(String[] args) throws IOException {
    var bridge = new Bridge(new PrintStream(System.out, false, StandardCharsets.UTF_8));
    // Whoever else prints must not get between the frames.
    System.setOut(System.err);
    bridge.write(Json.object().put("ready", true));
    try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        var request = Json.tree(line);
        Thread.ofVirtual().start(() -> bridge.serve(request));
      }
    }
    System.exit(0);
  }

  private void serve(JsonNode request) {
    var reply = Json.object();
    reply.set("id", request.get("id"));
    try {
      var handle = request.path("h").asString("");
      reply.set("result", call(request.path("op").asString(), handle, request.path("args")));
      reply.put("ok", true);
    } catch (Exception e) {
      var error = reply.put("ok", false).putObject("error");
      error.put("name", e.getClass().getSimpleName()).put("message", ErrorText.of(e));
      if (e instanceof PgJobsException refusal) {
        error.put("code", refusal.sqlState());
      }
    }
    write(reply);
  }

  private void write(ObjectNode frame) {
    writing.lock();
    try {
      out.println(frame);
      out.flush();
    } finally {
      writing.unlock();
    }
  }

  private JsonNode call(String op, String handle, JsonNode args) throws InterruptedException {
    return switch (op) {
      case "database" -> database();
      case "open" -> text(put(open(args.get(0))));
      case "migrate" -> {
        jobs(handle).migrate();
        yield text("");
      }
      case "add" -> text(Long.toString(jobs(handle).add(newJob(args.get(0))).id()));
      case "addAll" -> {
        var specs = args.get(0).valueStream().map(Bridge::newJob).toList();
        yield text(Integer.toString(jobs(handle).addAll(specs).size()));
      }
      case "runOnce" -> {
        var tasks = BridgeTasks.of(args.get(0), args.get(1).path("name").asString("java"));
        var summary = JobRunner.runOnce(jobs(handle), tasks, options(args.get(1)).build());
        yield Json.object().put("completed", summary.completed()).put("failed", summary.failed());
      }
      case "start" -> {
        var tasks = BridgeTasks.of(args.get(0), args.get(1).path("name").asString("java"));
        yield text(put(JobRunner.start(jobs(handle), tasks, options(args.get(1)).build())));
      }
      case "poolId" -> text(runner(handle).poolId());
      case "stop" -> {
        runner(handle).stop(Duration.ofMillis(args.path(0).asInt(10_000)));
        yield text("");
      }
      default -> throw new IllegalArgumentException("unknown operation " + op);
    };
  }

  private static JsonNode text(String value) {
    return Json.MAPPER.getNodeFactory().stringNode(value);
  }

  /** Makes a database on a server that lives as long as this program. */
  private static JsonNode database() {
    var db = TestPostgres.createDatabase();
    return Json.object()
        .put("host", db.host())
        .put("port", db.port())
        .put("database", db.name())
        .put("user", db.user())
        .put("password", db.password());
  }

  private static PgJobs open(JsonNode where) {
    var db =
        new TestPostgres.Db(
            where.path("host").asString("127.0.0.1"),
            where.path("port").asInt(),
            where.path("database").asString(),
            where.path("user").asString("postgres"),
            where.path("password").asString("postgres"));
    var schema =
        SchemaOptions.DEFAULT
            .withName(where.path("schema").asString("graphile_worker"))
            .withCompatibility(Compatibility.valueOf(where.path("compatibility").asString("V0_18")))
            .withOptionsOverload(where.path("optionsOverload").asBoolean(true));
    return PgJobs.connect(db.jdbcUrl(), db.user(), db.password(), 12, schema);
  }

  private static RunnerOptions.Builder options(JsonNode options) {
    var builder =
        RunnerOptions.builder()
            .concurrency(options.path("concurrency").asInt(1))
            .heartbeat(Duration.ofMillis(300), Duration.ofSeconds(2))
            .cron(Crontab.parse(options.path("crontab").asString("")).items());
    var flags = options.path("forbiddenFlags").valueStream().map(JsonNode::asString).toList();
    builder.forbiddenFlags(flags.toArray(String[]::new));
    if (options.has("pollInterval")) {
      builder.pollInterval(Duration.ofMillis(options.path("pollInterval").asInt()));
    }
    if (options.has("localQueue")) {
      builder.localQueue(LocalQueue.of(options.path("localQueue").asInt()));
    }
    if (options.path("stopOnShutdown").asBoolean(false)) {
      builder.stopOnShutdown(Duration.ofSeconds(10));
    }
    return builder;
  }

  private static NewJob newJob(JsonNode spec) {
    var flags = spec.path("flags").valueStream().map(JsonNode::asString).toList();
    return new NewJob(
        spec.path("task").asString(),
        spec.has("payload") ? spec.get("payload").toString() : "{}",
        textOrNull(spec, "queueName"),
        spec.has("runAt") ? Instant.parse(spec.path("runAt").asString()) : null,
        intOrNull(spec, "maxAttempts"),
        intOrNull(spec, "priority"),
        textOrNull(spec, "jobKey"),
        JobKeyMode.valueOf(
            spec.path("jobKeyMode").asString("REPLACE").toUpperCase(java.util.Locale.ROOT)),
        List.copyOf(flags));
  }

  private static @Nullable String textOrNull(JsonNode spec, String name) {
    return spec.hasNonNull(name) ? spec.path(name).asString() : null;
  }

  private static @Nullable Integer intOrNull(JsonNode spec, String name) {
    return spec.hasNonNull(name) ? spec.path(name).asInt() : null;
  }

  private String put(Object object) {
    var handle = "h" + handles.incrementAndGet();
    objects.put(handle, object);
    return handle;
  }

  private PgJobs jobs(String handle) {
    if (objects.get(handle) instanceof PgJobs jobs) {
      return jobs;
    }
    throw new IllegalArgumentException("no such handle of jobs: " + handle);
  }

  private JobRunner runner(String handle) {
    if (objects.get(handle) instanceof JobRunner runner) {
      return runner;
    }
    throw new IllegalArgumentException("no such handle of a runner: " + handle);
  }
}
