package dev.millrace.bench;

import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.KeepJobs;
import dev.millrace.bullmq.NewJob;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.testing.FreePort;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bench/run dashboard}: what a page of a long queue takes, and what predictions lose while
 * people watch.
 */
final class DashboardBench {
  private static final String QUEUE = "flowise-queue-prediction";
  private static final String BODY = "{\"question\":\"hello\"}";
  private static final String EXPECTED = "\"text\":\"pong reply\"";
  private static final int WATCHERS = 10;

  /** How often a page asks, as it does unless told otherwise. */
  private static final Duration POLL = Duration.ofSeconds(5);

  private static final int LOOKS = 500;

  private static final List<String> PAGES =
      List.of(
          "status=completed&page=500",
          "status=completed&page=1",
          "status=completed&page=10000",
          "status=completed&page=1&jobsPerPage=300",
          "status=latest&page=1",
          "");
  private static final int BATCH = 1_000;

  private final Path root;
  private final int jobs;
  private final int rounds;
  private final StringBuilder report = new StringBuilder();

  /**
   * @param jobs completed ones in the queue
   * @param rounds pairs of throughput with and without watchers
   */
  DashboardBench(Path root, int jobs, int rounds) {
    this.root = root;
    this.jobs = jobs;
    this.rounds = rounds;
  }

  String run() throws Exception {
    report.append("# bench/run dashboard\n\n").append(Machine.facts()).append('\n');
    try (var stores = new Stores();
        var processes = new Processes(root);
        var http = HttpClient.newHttpClient()) {
      fill(stores);
      var env = new TreeMap<>(stores.environment());
      env.put("MODE", "queue");
      env.put("ENABLE_BULLMQ_DASHBOARD", "true");
      // So that the completed jobs stay while predictions come.
      env.put("REMOVE_ON_COUNT", "-1");
      env.put("REMOVE_ON_AGE", "-1");
      var server = processes.server(env, FreePort.find());
      processes.worker(env, FreePort.find());
      pages(http, server.port());
      watched(http, processes, server.port());
    }
    return report.toString();
  }

  private void fill(Stores stores) throws Exception {
    var keep = JobOptions.builder().removeOnComplete(KeepJobs.ALL).build();
    try (var redis = RedisConnections.connect(RedisURI.create(stores.redis.url()))) {
      var queue = new Queue(redis, QUEUE, QueueOptions.DEFAULT);
      var data = "{\"question\":\"" + "a question ".repeat(40) + "\",\"chatId\":\"c\"}";
      var options = WorkerOptions.builder().concurrency(500).build();
      var answer = "{\"text\":\"" + "an answer ".repeat(40) + "\"}";
      try (var _ = Worker.start(redis, QUEUE, _ -> answer, options)) {
        for (var added = 0; added < jobs; added += BATCH) {
          var batch = new ArrayList<NewJob>();
          for (var i = 0; i < Math.min(BATCH, jobs - added); i++) {
            batch.add(new NewJob("prediction", data, keep));
          }
          queue.addBulk(batch);
        }
        while (queue.counts().completed() < jobs) {
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
    }
  }

  private void pages(HttpClient http, int port) throws Exception {
    report.append(
        "%n%,d completed jobs of 0.9 KB. %d looks at each page:%n%n".formatted(jobs, LOOKS));
    report.append("| page | bytes | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|\n");
    // All pages before the first is timed: they share their code, and the first would pay for it.
    for (var query : PAGES) {
      for (var i = 0; i < LOOKS; i++) {
        look(http, request(port, query));
      }
    }
    for (var query : PAGES) {
      var request = request(port, query);
      var bytes = look(http, request);
      var nanos = new long[LOOKS];
      for (var i = 0; i < LOOKS; i++) {
        var before = System.nanoTime();
        look(http, request);
        nanos[i] = System.nanoTime() - before;
      }
      Arrays.sort(nanos);
      report.append(
          "| %s | %,d | %.2f | %.2f | %.2f |%n"
              .formatted(
                  query.isEmpty() ? "the list of queues" : query,
                  bytes,
                  nanos[LOOKS / 2] / 1e6,
                  nanos[LOOKS * 95 / 100] / 1e6,
                  nanos[LOOKS * 99 / 100] / 1e6));
    }
  }

  private void watched(HttpClient http, Processes processes, int port) throws Exception {
    var path = "/api/v1/prediction/" + createFlow(processes, port);
    Load.run(port, path, BODY, EXPECTED, 32, Duration.ofSeconds(60));
    var ratios = new ArrayList<Double>();
    for (var round = 0; round < rounds; round++) {
      // In turn which comes first, so that a drift favours neither.
      var alone = round % 2 == 0 ? predict(port, path) : 0;
      var failure = new AtomicReference<@Nullable Throwable>();
      double watched;
      try (var threads = Executors.newScheduledThreadPool(WATCHERS)) {
        for (var i = 0; i < WATCHERS; i++) {
          var request = request(port, "status=completed&page=" + (i + 1));
          var _ =
              threads.scheduleAtFixedRate(
                  () -> watch(http, request, failure),
                  i * POLL.toMillis() / WATCHERS,
                  POLL.toMillis(),
                  TimeUnit.MILLISECONDS);
        }
        watched = predict(port, path);
        threads.shutdownNow();
      }
      if (failure.get() != null) {
        throw new IllegalStateException("a dashboard got no page", failure.get());
      }
      if (round % 2 == 1) {
        alone = predict(port, path);
      }
      System.err.printf("%.0f predictions/s alone, %.0f watched%n", alone, watched);
      ratios.add(watched / alone);
    }
    ratios.sort(null);
    report.append(
        "%nPredictions at c=32 while %d dashboards poll every %d s: %.1f %% of the throughput without"
            .formatted(WATCHERS, POLL.toSeconds(), ratios.get(rounds / 2) * 100));
    report.append(
        " (median of %d; %s)%n"
            .formatted(
                rounds, ratios.stream().map("%.3f"::formatted).collect(Collectors.joining(", "))));
  }

  /** For as long as every watcher asks once; short, so that a drift of the machine is shared. */
  private static double predict(int port, String path) throws Exception {
    return Load.run(port, path, BODY, EXPECTED, 32, POLL).perSecond();
  }

  /**
   * @param query of a page of the queue's jobs; empty for the list of queues
   */
  private static HttpRequest request(int port, String query) {
    var asked = query.isEmpty() ? "" : "?activeQueue=" + QUEUE + "&" + query;
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + port + "/admin/queues/api/queues" + asked))
        .header("Authorization", "Bearer " + Processes.ADMIN_KEY)
        .build();
  }

  private static int look(HttpClient http, HttpRequest request)
      throws IOException, InterruptedException {
    var answer = http.send(request, BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IOException(request.uri() + " answered " + answer.statusCode());
    }
    return answer.body().length;
  }

  /** Looks once, and says what went wrong: a scheduled task that throws would just end. */
  private static void watch(
      HttpClient http, HttpRequest request, AtomicReference<@Nullable Throwable> failure) {
    try {
      look(http, request);
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    } catch (InterruptedException e) {
      // The round is over.
      Thread.currentThread().interrupt();
    }
  }

  private String createFlow(Processes processes, int port) throws Exception {
    var json = JsonMapper.shared();
    var file = json.readTree(Files.readString(root.resolve("bench/flows/directreply.json")));
    var data =
        file.path("flowData").isString() ? file.path("flowData").asString() : file.toString();
    var body =
        json.createObjectNode().put("name", "bench").put("type", "AGENTFLOW").put("flowData", data);
    var answer = processes.post(port, "/api/v1/chatflows", body.toString());
    return json.readTree(answer).path("id").asString();
  }
}
