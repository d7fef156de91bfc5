package dev.millrace.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.NewJob;
import dev.millrace.bullmq.Repeat;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.server.TestServer;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What programs do with the dashboard's API, and what happens when they do it wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final TestServer server;

  DashboardIT() throws Exception {
    server = new TestServer();
  }

  @AfterAll
  void close() {
    server.close();
  }

  private static String newName() {
    return "q-" + UUID.randomUUID();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpResponse<String> get(String path) throws Exception {
    return server.send("GET", "/api" + path, "");
  }

  private HttpResponse<String> put(String path, String body) throws Exception {
    return server.send("PUT", "/api" + path, body);
  }

  private HttpResponse<String> patch(String path, String body) throws Exception {
    return server.send("PATCH", "/api" + path, body);
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  private static void assertError(HttpResponse<String> answer, int status, String key) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(json(answer).at("/error/key").asString()).isEqualTo("ERRORS." + key);
  }

  /** Waits until a new queue is in the list. */
  private void appears(String name) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            json(get("/queues"))
                .path("queues")
                .valueStream()
                .anyMatch(queue -> queue.path("name").asString().equals(name)));
  }

  private JsonNode queueOf(HttpResponse<String> answer, String name) {
    for (var queue : json(answer).path("queues")) {
      if (queue.path("name").asString().equals(name)) {
        return queue;
      }
    }
    throw new AssertionError("no queue " + name + " in " + answer.body());
  }

  @Test
  void ownQueuesAreShownAlwaysAndOthersAsTheyAppear() throws Exception {
    for (var name : List.of("prediction", "upsertion", "schedule")) {
      assertThat(queueOf(get("/queues"), "flowise-queue-" + name).path("hasWorkers").asBoolean())
          .isFalse();
    }
    var name = newName();
    server.queue(name).add("j", "{}");
    assertThat(get("/queues/" + name + "/1").statusCode()).isEqualTo(200);
    appears(name);
    assertThat(queueOf(get("/queues"), name).at("/counts/waiting").asInt()).isEqualTo(1);
  }

  @Test
  void namesAndIdsMayHoldAnyCharacters() throws Exception {
    var name = "a/b ü%2F?#<b>" + UUID.randomUUID();
    var id = "x/y z+é%41?&<script>alert(1)</script>";
    server
        .queue(name)
        .add("<img src=x onerror=alert(1)>", "{}", JobOptions.builder().jobId(id).build());
    var answer = get("/queues/" + encode(name) + "/" + encode(id));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(json(answer).at("/job/id").asString()).isEqualTo(id);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    assertThat(put("/queues/" + encode(name) + "/pause", "").statusCode()).isEqualTo(200);
    assertThat(server.queue(name).isPaused()).isTrue();
    assertThat(put("/queues/" + encode(name) + "/" + encode(id) + "/clean", "").statusCode())
        .isEqualTo(204);
    appears(name);
    var list = get("/queues?activeQueue=" + encode(encode(name)) + "&status=latest");
    assertThat(queueOf(list, name).path("jobs")).isEmpty();
  }

  @Test
  void unknownQueuesJobsAndSchedulersAreNotFound() throws Exception {
    assertError(get("/queues/nothing/workers"), 404, "QUEUE_NOT_FOUND");
    assertError(get("/queues/nothing/1"), 404, "QUEUE_NOT_FOUND");
    assertError(put("/queues/nothing/pause", ""), 404, "QUEUE_NOT_FOUND");
    var queue = "/queues/flowise-queue-prediction";
    assertError(get(queue + "/gone"), 404, "JOB_NOT_FOUND");
    assertError(get(queue + "/gone/flow"), 404, "JOB_NOT_FOUND");
    for (var action : List.of("retry", "clean", "promote", "remove-unprocessed-children")) {
      assertError(put(queue + "/gone/" + action, ""), 404, "JOB_NOT_FOUND");
    }
    assertError(patch(queue + "/gone/update-data", "{\"jobData\":{}}"), 404, "JOB_NOT_FOUND");
    assertError(patch(queue + "/gone/delay", "{\"runAt\":1}"), 404, "JOB_NOT_FOUND");
    assertError(put(queue + "/job-schedulers/gone/remove", ""), 404, "JOB_SCHEDULER_NOT_FOUND");
    assertError(put(queue + "/job-schedulers/gone/run", ""), 404, "JOB_SCHEDULER_NOT_FOUND");
    assertError(
        patch(queue + "/job-schedulers/gone", "{\"every\":1000}"), 404, "JOB_SCHEDULER_NOT_FOUND");
    assertThat(get(queue + "/gone/logs").body()).isEqualTo("[]");
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
    // The hash of the queue itself is no job.
    server.queue("flowise-queue-prediction").resume();
    assertError(get(queue + "/meta"), 404, "JOB_NOT_FOUND");
  }

  @Test
  void badParametersAreNamed() throws Exception {
    assertError(get("/queues?status=bogus"), 400, "INVALID_QUERY_PARAM");
    assertError(get("/queues?page=0"), 400, "INVALID_QUERY_PARAM");
    assertError(get("/queues?page=x"), 400, "INVALID_QUERY_PARAM");
    assertError(get("/queues?jobsPerPage=301"), 400, "INVALID_QUERY_PARAM");
    assertThat(json(get("/queues?jobsPerPage=301")).at("/error/options/field").asString())
        .isEqualTo("jobsPerPage");
    assertError(get("/metrics/history?from=5&to=1"), 400, "INVALID_DATE_RANGE");
    assertError(get("/metrics/history?from=1&to=5&granularity=week"), 400, "INVALID_GRANULARITY");
    assertError(get("/metrics/latency?metric=x"), 400, "INVALID_METRIC");
    var queue = "/queues/flowise-queue-prediction";
    assertError(put(queue + "/concurrency", "{\"concurrency\":-1}"), 400, "INVALID_CONCURRENCY");
    assertError(put(queue + "/concurrency", "{\"concurrency\":\"2\"}"), 400, "INVALID_CONCURRENCY");
    assertError(put(queue + "/rate-limit", "{\"max\":1}"), 400, "INVALID_RATE_LIMIT");
    assertError(put(queue + "/retry/waiting", ""), 400, "STATUS_NOT_RETRIABLE");
    assertError(put(queue + "/concurrency", "{"), 400, "INVALID_REQUEST_BODY");
    assertError(
        server.send("POST", "/api" + queue + "/add", "{\"name\":5}"), 400, "INVALID_REQUEST_BODY");
    assertError(put(queue + "/obliterate", "{}"), 400, "QUEUE_NOT_PAUSED");
  }

  @Test
  void aPageFarBehindTheLastIsEmpty() throws Exception {
    var name = newName();
    server.queue(name).add("j", "{}");
    appears(name);
    var answer =
        get("/queues?activeQueue=" + name + "&status=waiting&page=1000000000&jobsPerPage=10");
    var queue = queueOf(answer, name);
    assertThat(queue.path("jobs")).isEmpty();
    assertThat(queue.at("/pagination/pageCount").asInt()).isEqualTo(1);
    assertThat(queue.at("/pagination/range/start").asLong()).isEqualTo(9_999_999_990L);
  }

  @Test
  void tenMegabytesAreOpenedButNotListedAndNotLostByAnEdit() throws Exception {
    var name = newName();
    var queue = server.queue(name);
    var data = "{\"text\":\"" + "x".repeat(10 << 20) + "\"}";
    queue.add("big", data);
    appears(name);
    var list = get("/queues?activeQueue=" + name);
    assertThat(list.body().length()).isLessThan(100_000);
    var shown = queueOf(list, name).at("/jobs/0/data");
    assertThat(shown.has(JobJson.OMITTED)).isTrue();
    assertThat(get("/queues/" + name + "/1").body()).contains(data);
    var edit = patch("/queues/" + name + "/1/update-data", "{\"jobData\":" + shown + "}");
    assertError(edit, 400, "INVALID_REQUEST_BODY");
    assertThat(queue.job("1").orElseThrow().data()).isEqualTo(data);
  }

  @Test
  void hiddenValuesStayHiddenAndSurviveAnEdit() throws Exception {
    var name = newName();
    var queue = server.queue(name);
    queue.add("j", "{\"question\":\"a\",\"config\":{\"openAIApiKey\":\"sk-123\"}}");
    var answer = get("/queues/" + name + "/1");
    assertThat(answer.body()).doesNotContain("sk-123").contains("\"openAIApiKey\":\"***\"");
    var edited = json(answer).at("/job/data").toString().replace("\"a\"", "\"b\"");
    var path = "/queues/" + name + "/1/update-data";
    assertThat(patch(path, "{\"jobData\":" + edited + "}").statusCode()).isEqualTo(200);
    assertThat(queue.job("1").orElseThrow().data())
        .isEqualTo("{\"question\":\"b\",\"config\":{\"openAIApiKey\":\"sk-123\"}}");
    var copy = server.send("POST", "/api/queues/" + name + "/add", "{\"data\":" + edited + "}");
    assertError(copy, 400, "INVALID_REQUEST_BODY");
  }

  @Test
  void whatIsStoredButNoJsonIsShownAsText() throws Exception {
    var name = newName();
    server.queue(name).add("j", "not { json");
    var answer = get("/queues/" + name + "/1");
    assertThat(json(answer).at("/job/data").asString()).isEqualTo("not { json");
  }

  @Test
  void jobsAreAddedPromotedDelayedEditedAndRemoved() throws Exception {
    var name = newName();
    var queue = server.queue(name);
    queue.add("first", "{}");
    var path = "/queues/" + name;
    var body =
        "{\"name\":\"n\",\"data\":{\"a\":1},\"options\":{\"delay\":100000,\"attempts\":3,"
            + "\"keepLogs\":5,\"removeOnComplete\":true}}";
    var added = server.send("POST", "/api" + path + "/add", body);
    assertThat(added.statusCode()).as(added.body()).isEqualTo(200);
    assertThat(json(added).path("status").asString()).isEqualTo("delayed");
    assertThat(json(added).at("/job/opts/keepLogs").asInt()).isEqualTo(5);
    var id = json(added).at("/job/id").asString();
    var later = System.currentTimeMillis() + 500_000;
    assertThat(patch(path + "/" + id + "/delay", "{\"runAt\":" + later + "}").statusCode())
        .isEqualTo(200);
    assertThat(queue.job(id).orElseThrow().delay()).isGreaterThan(400_000);
    assertThat(patch(path + "/" + id + "/priority", "{\"priority\":7}").statusCode())
        .isEqualTo(200);
    assertError(
        patch(path + "/" + id + "/priority", "{\"priority\":2097152}"), 400, "INVALID_PRIORITY");
    assertThat(put(path + "/" + id + "/promote", "").statusCode()).isEqualTo(204);
    assertThat(queue.state(id)).isEqualTo(JobState.PRIORITIZED);
    assertError(put(path + "/" + id + "/promote", ""), 400, "JOB_NOT_DELAYED");
    assertError(patch(path + "/" + id + "/delay", "{\"runAt\":1}"), 400, "JOB_NOT_DELAYED");
    assertError(put(path + "/" + id + "/retry", ""), 400, "JOB_NOT_RETRIABLE");
    assertThat(put(path + "/" + id + "/clean", "").statusCode()).isEqualTo(204);
    assertThat(queue.job(id)).isEmpty();
    queue.add("d", "{}", JobOptions.builder().delay(100_000L).build());
    assertThat(put(path + "/promote", "").statusCode()).isEqualTo(200);
    assertThat(queue.counts().delayed()).isZero();
    assertThat(put(path + "/empty", "").statusCode()).isEqualTo(200);
    assertThat(queue.counts().waiting()).isZero();
  }

  @Test
  void limitsArePutAndTakenAway() throws Exception {
    var name = newName();
    var queue = server.queue(name);
    queue.add("j", "{}");
    var path = "/queues/" + name;
    put(path + "/concurrency", "{\"concurrency\":3}");
    assertThat(queue.settings().globalConcurrency()).hasValue(3);
    put(path + "/concurrency", "{\"concurrency\":0}");
    assertThat(queue.settings().globalConcurrency()).isEmpty();
    put(path + "/rate-limit", "{\"max\":5,\"duration\":1000}");
    assertThat(get(path + "/rate-limit").body())
        .isEqualTo("{\"supported\":true,\"rateLimit\":{\"max\":5,\"duration\":1000}}");
    queue.settings().rateLimit(Duration.ofSeconds(100));
    appears(name);
    assertThat(queueOf(get("/queues?activeQueue=" + name), name).path("activeRateLimitTtl").asInt())
        .isGreaterThan(50_000);
    put(path + "/rate-limit/release", "");
    assertThat(queue.settings().rateLimitTtl()).isZero();
    put(path + "/rate-limit", "{\"max\":null}");
    assertThat(get(path + "/rate-limit").body())
        .isEqualTo("{\"supported\":true,\"rateLimit\":null}");
  }

  @Test
  void failedJobsAreRetriedOneByOneAndTogether() throws Exception {
    var name = newName();
    var queue = server.queue(name);
    var path = "/queues/" + name;
    var fails = new java.util.concurrent.atomic.AtomicBoolean(true);
    var options = WorkerOptions.builder().drainDelay(Duration.ofSeconds(1)).build();
    try (var _ =
        Worker.start(
            server.connections(),
            name,
            _ -> {
              if (fails.get()) {
                throw new IllegalStateException("no <b>luck</b>");
              }
              return "{\"ok\":true}";
            },
            options)) {
      for (var i = 0; i < 3; i++) {
        queue.add("j", "{}");
      }
      await().until(() -> queue.counts().failed() == 3);
      var job = json(get(path + "/1")).path("job");
      assertThat(job.path("failedReason").asString()).isEqualTo("no <b>luck</b>");
      assertThat(job.path("isFailed").asBoolean()).isTrue();
      assertThat(job.at("/stacktrace/0").asString()).contains("IllegalStateException");
      fails.set(false);
      assertThat(put(path + "/1/retry", "").statusCode()).isEqualTo(204);
      await().until(() -> queue.state("1") == JobState.COMPLETED);
      assertThat(put(path + "/retry/failed", "").body()).isEqualTo("{\"retried\":2,\"skipped\":0}");
      await().until(() -> queue.counts().completed() == 3);
      assertThat(put(path + "/clean/completed", "").statusCode()).isEqualTo(200);
      assertThat(queue.counts().completed()).as("younger than the grace").isEqualTo(3);
    }
  }

  @Test
  void whatAWorkerHoldsIsNeitherRemovedNorObliterated() throws Exception {
    var name = newName();
    var queue = server.queue(name);
    var path = "/queues/" + name;
    var goOn = new CountDownLatch(1);
    try (var _ =
        Worker.start(
            server.connections(),
            name,
            _ -> {
              goOn.await();
              return "1";
            },
            WorkerOptions.builder().name("w1").drainDelay(Duration.ofSeconds(1)).build())) {
      await().until(() -> !queue.workers().isEmpty());
      queue.add("j", "{}");
      await().until(() -> queue.counts().active() == 1);
      assertThat(json(get(path + "/workers")).at("/workers/0/name").asString()).isEqualTo("w1");
      assertError(put(path + "/1/clean", ""), 409, "JOB_IS_ACTIVE");
      put(path + "/pause", "");
      assertError(put(path + "/obliterate", "{}"), 409, "QUEUE_HAS_ACTIVE_JOBS");
      goOn.countDown();
      await().until(() -> queue.counts().active() == 0);
      assertThat(put(path + "/obliterate", "{}").statusCode()).isEqualTo(200);
    } finally {
      goOn.countDown();
    }
  }

  @Test
  void schedulersAreChangedRunAndRemoved() throws Exception {
    var name = newName();
    var queue = server.queue(name);
    queue
        .schedulers()
        .upsert(
            "a/b:c",
            Repeat.cron("0 0 1 1 *").withTimeZone("UTC"),
            new NewJob("n", "{\"a\":1}", JobOptions.NONE));
    var path = "/queues/" + name + "/job-schedulers/" + encode("a/b:c");
    var pending = queue.getters().jobs(JobState.DELAYED, 0, 0, true).getFirst().id();
    var refused = put("/queues/" + name + "/" + encode(pending) + "/clean", "");
    assertError(refused, 400, "JOB_BELONGS_TO_JOB_SCHEDULER");
    assertThat(json(refused).path("jobSchedulerId").asString()).isEqualTo("a/b:c");
    assertThat(put(path + "/run", "").body()).contains("\"data\":{\"a\":1}");
    assertError(patch(path, "{\"pattern\":\"x\",\"every\":5}"), 400, "INVALID_SCHEDULER_SCHEDULE");
    assertError(patch(path, "{\"pattern\":\"nonsense\"}"), 400, "INVALID_SCHEDULER_PATTERN");
    assertError(patch(path, "{\"every\":-5}"), 400, "INVALID_SCHEDULER_INTERVAL");
    assertError(patch(path, "{\"every\":5,\"limit\":0}"), 400, "INVALID_SCHEDULER_LIMIT");
    assertError(patch(path, "{\"every\":5,\"endDate\":1}"), 400, "INVALID_SCHEDULER_END_DATE");
    assertThat(patch(path, "{\"every\":\"3600000\",\"limit\":9}").statusCode()).isEqualTo(204);
    var changed = queue.schedulers().get("a/b:c").orElseThrow();
    assertThat(changed.every()).isEqualTo(3_600_000);
    assertThat(changed.limit()).isEqualTo(9);
    assertThat(changed.data()).isEqualTo("{\"a\":1}");
    assertThat(put(path + "/remove", "").statusCode()).isEqualTo(204);
    assertThat(queue.schedulers().count()).isZero();
  }

  @Test
  void redisSaysWhatItIs() throws Exception {
    var stats = json(get("/redis/stats"));
    assertThat(stats.path("backend").asString()).isEqualTo("redis");
    assertThat(stats.path("port").asInt()).isEqualTo(server.redis().port());
    assertThat(stats.at("/memory/used").asLong()).isPositive();
  }
}
