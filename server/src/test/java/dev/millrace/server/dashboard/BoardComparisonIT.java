package dev.millrace.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.bullmq.FlowJob;
import dev.millrace.bullmq.FlowProducer;
import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.NewJob;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.Repeat;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.server.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * bull-board's own npm server looks at the same queues and answers every GET as ours does. What
 * differs by nature is left out: see {@link #APART}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BoardComparisonIT {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String A = "compared";
  private static final String B = "compared-children";

  /** Figures that change between two questions. */
  private static final Set<String> APART =
      Set.of("uptime", "used", "fragmentationRatio", "peak", "connected", "age", "blocked");

  private TestServer server;
  private Process peer;
  private String peerUrl;
  private Worker childWorker;
  private String parent;

  @BeforeAll
  void start() throws Exception {
    var folder = Path.of("src/interop").toAbsolutePath();
    install(folder);
    // Nothing hidden: the other one hides nothing.
    server = new TestServer(Map.of("DASHBOARD_REDACT", "none"));
    fill();
    peer =
        new ProcessBuilder("node", "board.mjs", server.redis().url(), A, B)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var out =
        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.UTF_8));
    var port = out.readLine();
    assertThat(port).as("the port of bull-board's server; its errors are above").isNotNull();
    peerUrl = "http://127.0.0.1:" + port + TestServer.BASE;
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.send("GET", "/api/queues", "").body().contains(B));
  }

  private static void install(Path folder) throws IOException, InterruptedException {
    try {
      var npm =
          new ProcessBuilder(
                  "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!npm.waitFor(3, TimeUnit.MINUTES) || npm.exitValue() != 0) {
        npm.destroyForcibly();
        Assumptions.abort("npm could not install bull-board's server");
      }
    } catch (IOException e) {
      Assumptions.abort("needs npm: " + e.getMessage());
    }
  }

  @AfterAll
  void stop() {
    if (peer != null) {
      peer.destroy();
    }
    if (childWorker != null) {
      childWorker.close();
    }
    if (server != null) {
      server.close();
    }
  }

  /** Puts something of everything into the queues. */
  private void fill() throws Exception {
    var a = server.queue(A);
    var options = WorkerOptions.builder().name("the worker").drainDelay(Duration.ofSeconds(1));
    var worker =
        Worker.start(server.connections(), A, job -> work(job.job().name()), options.build());
    childWorker = Worker.start(server.connections(), B, _ -> "{\"child\":true}", options.build());
    a.add("good", "{\"a\":[1,2.5,\"x\"],\"html\":\"<b>hi</b>\"}");
    a.add(
        "good", "\"just a text\"", JobOptions.builder().removeOnComplete(null).attempts(3).build());
    a.add("bad", "{}", JobOptions.builder().attempts(2).keepLogs(3).build());
    await().until(() -> a.counts().completed() == 2 && a.counts().failed() == 1);
    a.jobs().log("1", "first row", null);
    a.jobs().log("1", "second row", null);
    a.jobs().updateProgress("1", "{\"step\":3}");
    parent =
        new FlowProducer(server.connections(), QueueOptions.DEFAULT)
            .add(
                new FlowJob(
                    "parent", A, "{}", new FlowJob("c1", B, "{}"), new FlowJob("c2", B, "{}")))
            .job()
            .id();
    await().until(() -> a.state(parent).wireName().equals("completed"));
    worker.close();
    a.add("waits", "null", JobOptions.builder().jobId("with/slash ü").build());
    a.add("later", "{}", JobOptions.builder().delay(3_600_000L).build());
    a.add("urgent", "{}", JobOptions.builder().priority(5).build());
    a.schedulers()
        .upsert(
            "every",
            Repeat.every(Duration.ofHours(5)),
            new NewJob("tick", "{\"s\":1}", JobOptions.NONE));
    a.schedulers()
        .upsert(
            "cron:x",
            Repeat.cron("0 30 4 * * *").withTimeZone("Europe/Paris").withLimit(9),
            new NewJob("tock", "{}", JobOptions.builder().attempts(4).build()));
    a.settings().globalConcurrency(7);
    a.settings().globalRateLimit(new WorkerOptions.RateLimit(11, Duration.ofSeconds(2)));
  }

  private static String work(String name) {
    if (name.equals("bad")) {
      throw new IllegalStateException("it went wrong");
    }
    return "{\"answer\":42}";
  }

  private List<String> paths() {
    var paths = new ArrayList<String>();
    for (var status :
        List.of(
            "latest",
            "active",
            "waiting",
            "waiting-children",
            "prioritized",
            "completed",
            "failed",
            "delayed")) {
      paths.add("/api/queues?activeQueue=" + A + "&status=" + status + "&page=1&jobsPerPage=10");
    }
    paths.add("/api/queues?activeQueue=" + A + "&status=completed&page=2&jobsPerPage=1");
    paths.add("/api/queues?activeQueue=" + A + "&status=completed&page=1000&jobsPerPage=10");
    paths.add("/api/queues");
    paths.add("/api/queues?status=bogus");
    paths.add("/api/queues?page=0");
    paths.add("/api/queues?page=1.5");
    paths.add("/api/queues?jobsPerPage=1000");
    paths.add("/api/redis/stats");
    paths.add("/api/job-schedulers?queueName=" + A);
    paths.add("/api/job-schedulers");
    for (var part :
        List.of("metrics", "default-job-options", "workers", "rate-limit", "job-data-schema")) {
      paths.add("/api/queues/" + A + "/" + part);
      paths.add("/api/queues/" + B + "/" + part);
      paths.add("/api/queues/unknown/" + part);
    }
    for (var id : List.of("1", "2", "3", parent, "with%2Fslash%20%C3%BC", "missing")) {
      paths.add("/api/queues/" + A + "/" + id);
      paths.add("/api/queues/" + A + "/" + id + "/logs");
      paths.add("/api/queues/" + A + "/" + id + "/flow");
    }
    paths.add("/api/queues/" + A + "/" + parent + "/flow?root=node&depth=1");
    paths.add("/api/queues/" + A + "/" + parent + "/flow?maxChildren=1");
    paths.add("/api/queues/" + A + "/" + parent + "/flow?depth=abc&maxChildren=-4");
    return paths;
  }

  @Test
  void everyGetIsAnsweredAlike() throws Exception {
    var different = new ArrayList<String>();
    try (var http = HttpClient.newHttpClient()) {
      for (var path : paths()) {
        var request = HttpRequest.newBuilder(URI.create(peerUrl + path)).build();
        var theirs = http.send(request, BodyHandlers.ofString());
        var ours = server.send("GET", path, "");
        var expected = theirs.statusCode() + " " + comparable(JSON.readTree(theirs.body()));
        var actual = ours.statusCode() + " " + comparable(JSON.readTree(ours.body()));
        if (!expected.equals(actual)) {
          different.add(path + "\n  npm:  " + expected + "\n  ours: " + actual);
        }
      }
    }
    System.out.printf(
        "bull-board: %d of %d GETs are answered alike%n",
        paths().size() - different.size(), paths().size());
    assertThat(different).as(String.join("\n", different)).isEmpty();
  }

  /** Members in order, figures of the moment out, the queues of the other one only. */
  private static JsonNode comparable(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> {
        var sorted = JSON.createObjectNode();
        new TreeMap<>(
                object.properties().stream()
                    .collect(
                        java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
            .forEach((name, value) -> {
              if (!APART.contains(name)) {
                sorted.set(name, name.equals("queues") ? ofBoth(value) : comparable(value));
              }
            });
        yield sorted;
      }
      case ArrayNode array -> {
        var copy = JSON.createArrayNode();
        array.forEach(element -> copy.add(comparable(element)));
        yield copy;
      }
      // 5 and 5.0 are the same to a browser.
      default -> node.isNumber() ? JSON.getNodeFactory().numberNode(node.doubleValue()) : node;
    };
  }

  private static JsonNode ofBoth(JsonNode queues) {
    var byName = new TreeMap<String, JsonNode>();
    queues.forEach(queue -> byName.put(queue.path("name").asString(), comparable(queue)));
    byName.keySet().retainAll(Set.of(A, B));
    return JSON.valueToTree(byName.values());
  }
}
