package dev.millrace.bench;

import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobRunner;
import dev.millrace.pgjobs.LocalQueue;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.RunnerListener;
import dev.millrace.pgjobs.RunnerOptions;
import dev.millrace.pgjobs.SchemaOptions;
import dev.millrace.pgjobs.Tasks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Our side of {@code bench/run pgjobs}, a process of its own as Node's is: does what a line of JSON
 * on standard input asks for, and answers with one. {@code bench/node/pgjobs.mjs} is its twin.
 */
public final class PgJobsPeer {
  private static final int WARM_UP = 100;
  private static final int LOCAL_QUEUE = 500;

  private final PgJobs pg;
  private final JsonMapper json = JsonMapper.shared();

  private PgJobsPeer(PgJobs pg) {
    this.pg = pg;
  }

  /**
   * Serves requests until standard input ends.
   *
   * @param args the JDBC URL of the database
   */
  public static void main(String[] args) throws Exception {
    try (var pg = PgJobs.connect(args[0], "postgres", "postgres", 12, SchemaOptions.DEFAULT);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      var peer = new PgJobsPeer(pg);
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(peer.answer(line));
      }
    }
  }

  private ObjectNode answer(String line) throws Exception {
    var request = json.readTree(line);
    return switch (request.path("operation").asString()) {
      case "process" -> process(request);
      case "first" -> first(request);
      case "queues" -> queues(request);
      case "latency" -> latency(request);
      default -> throw new IOException("unknown: " + line);
    };
  }

  private static RunnerOptions.Builder options(JsonNode request) {
    return RunnerOptions.builder()
        .concurrency(request.path("concurrency").asInt())
        .localQueue(request.path("batched").asBoolean() ? LocalQueue.of(LOCAL_QUEUE) : null);
  }

  /** What waits already, until nothing is left. */
  private ObjectNode process(JsonNode request) throws InterruptedException {
    Set<Integer> seen = ConcurrentHashMap.newKeySet();
    var delivered = new AtomicInteger();
    var tasks =
        Tasks.of(
            "bench",
            job -> {
              delivered.incrementAndGet();
              seen.add(job.payload().path("i").asInt());
            });
    var start = System.nanoTime();
    JobRunner.runOnce(pg, tasks, options(request).build());
    return result(start).put("delivered", delivered.get()).put("unique", seen.size());
  }

  /** The first so many of those that wait, and how long half of the fetches took at most, in ms. */
  private ObjectNode first(JsonNode request) throws Exception {
    var fetches = new ConcurrentLinkedQueue<Duration>();
    var completed = new CountDownLatch(request.path("jobs").asInt());
    var listener =
        new RunnerListener() {
          @Override
          public void fetched(int jobs, Duration took) {
            if (jobs > 0 && completed.getCount() > 0) {
              fetches.add(took);
            }
          }

          @Override
          public void completed(Job job, Duration took) {
            completed.countDown();
          }
        };
    var start = System.nanoTime();
    var runner =
        JobRunner.start(
            pg, Tasks.of("bench", job -> {}), options(request).listener(listener).build());
    await(completed, Duration.ofMinutes(2));
    var sorted = fetches.stream().sorted().toList();
    var result = result(start).put("fetch", sorted.get(sorted.size() / 2).toNanos() / 1e6);
    runner.stop(Duration.ofSeconds(5));
    return result;
  }

  /** What waits in named queues. */
  private ObjectNode queues(JsonNode request) throws Exception {
    var jobs = request.path("jobs").asInt();
    var completed = new CountDownLatch(jobs);
    var listener =
        new RunnerListener() {
          @Override
          public void completed(Job job, Duration took) {
            completed.countDown();
          }
        };
    var start = System.nanoTime();
    var runner =
        JobRunner.start(
            pg, Tasks.of("bench", job -> {}), options(request).listener(listener).build());
    await(completed, Duration.ofSeconds(request.path("limit").asInt()));
    var result = result(start).put("done", jobs);
    runner.stop(Duration.ofSeconds(5));
    return result;
  }

  private static void await(CountDownLatch completed, Duration limit) throws Exception {
    if (!completed.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException(completed.getCount() + " jobs were not done in " + limit);
    }
  }

  /** From the call that adds a job until an idle runner begins it. */
  private ObjectNode latency(JsonNode request) throws Exception {
    var jobs = request.path("jobs").asInt();
    var begun = new SynchronousQueue<Long>();
    var tasks =
        Tasks.of(
            "bench",
            job -> {
              var at = System.nanoTime();
              begun.offer(at, 1, TimeUnit.SECONDS);
            });
    var runner = JobRunner.start(pg, tasks, options(request).build());
    var latencies = new long[jobs];
    for (var i = -WARM_UP; i < jobs; i++) {
      // Long enough for the runner to have gone back to sleep.
      TimeUnit.MILLISECONDS.sleep(3);
      var start = System.nanoTime();
      pg.add("bench", "{\"i\":" + i + "}");
      var at = begun.poll(10, TimeUnit.SECONDS);
      if (at == null) {
        throw new IOException("job " + i + " never began");
      }
      if (i >= 0) {
        latencies[i] = at - start;
      }
    }
    runner.stop(Duration.ofSeconds(5));
    Arrays.sort(latencies);
    return json.createObjectNode().put("seconds", latencies[jobs / 2] / 1e9);
  }

  private ObjectNode result(long start) {
    return json.createObjectNode().put("seconds", (System.nanoTime() - start) / 1e9);
  }
}
