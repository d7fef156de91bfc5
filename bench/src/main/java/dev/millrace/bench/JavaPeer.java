package dev.millrace.bench;

import dev.millrace.bullmq.FlowJob;
import dev.millrace.bullmq.FlowProducer;
import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.KeepJobs;
import dev.millrace.bullmq.NewJob;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerListener;
import dev.millrace.bullmq.WorkerOptions;
import io.lettuce.core.RedisURI;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Our side of {@code bench/run bullmq}, a process of its own as Node's is: does what a line of JSON
 * on standard input asks for, and answers with one. {@code bench/node/peer.mjs} is its twin.
 */
public final class JavaPeer {
  private static final int CHUNK = 1_000;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration SOAK_LIMIT = Duration.ofMinutes(15);
  private static final JobOptions FINISHED =
      JobOptions.builder().removeOnComplete(KeepJobs.NONE).removeOnFail(KeepJobs.NONE).build();

  private final RedisConnections redis;
  private final JsonMapper json = JsonMapper.shared();

  private JavaPeer(RedisConnections redis) {
    this.redis = redis;
  }

  /**
   * Serves requests until standard input ends.
   *
   * @param args the port of Redis
   */
  public static void main(String[] args) throws Exception {
    var uri = RedisURI.create("127.0.0.1", Integer.parseInt(args[0]));
    try (var redis = RedisConnections.connect(uri);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      var peer = new JavaPeer(redis);
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(peer.answer(line));
      }
    }
  }

  /** Returns how to start this process. */
  static List<String> command(int redisPort) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin/java").toString(),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:+UseCompactObjectHeaders",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        JavaPeer.class.getName(),
        "" + redisPort);
  }

  private ObjectNode answer(String line) throws Exception {
    var request = json.readTree(line);
    var queue = new Queue(redis, request.path("queue").asString(), QueueOptions.DEFAULT);
    var jobs = request.path("jobs").asInt();
    return switch (request.path("operation").asString()) {
      case "addBulk" -> seconds(() -> fill(queue, jobs));
      case "process" -> process(queue, request);
      case "addSequential" -> seconds(() -> add(queue, jobs));
      case "addConcurrent" -> addConcurrent(queue, request);
      case "flow" -> seconds(() -> addFlows(queue, jobs, request.path("children").asInt()));
      case "wake" -> wake(queue, jobs);
      case "soak" -> soak(queue, request);
      case "maintain" -> maintain(queue, jobs);
      default -> throw new IOException("unknown: " + line);
    };
  }

  private ObjectNode process(Queue queue, JsonNode request) throws Exception {
    var jobs = request.path("jobs").asInt();
    fill(queue, jobs);
    Set<String> seen = ConcurrentHashMap.newKeySet();
    var delivered = new AtomicInteger();
    var completed = new CountDownLatch(jobs);
    var options =
        WorkerOptions.builder()
            .concurrency(request.path("concurrency").asInt())
            .listener(
                new WorkerListener() {
                  @Override
                  public void completed(dev.millrace.bullmq.Job job, String returnvalue) {
                    completed.countDown();
                  }
                })
            .build();
    var start = System.nanoTime();
    var worker =
        Worker.start(
            redis,
            queue.name(),
            job -> {
              delivered.incrementAndGet();
              seen.add(job.id());
              return "null";
            },
            options);
    if (!completed.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException(completed.getCount() + " jobs of " + jobs + " never completed");
    }
    var seconds = (System.nanoTime() - start) / 1e9;
    worker.stop(Duration.ofSeconds(5));
    return result(seconds).put("delivered", delivered.get()).put("unique", seen.size());
  }

  /** Works through many jobs and tells how much of the heap was in use on the way. */
  private ObjectNode soak(Queue queue, JsonNode request) throws Exception {
    var jobs = request.path("jobs").asInt();
    fill(queue, jobs);
    var left = new CountDownLatch(jobs);
    var options =
        WorkerOptions.builder()
            .concurrency(request.path("concurrency").asInt())
            .listener(
                new WorkerListener() {
                  @Override
                  public void completed(dev.millrace.bullmq.Job job, String returnvalue) {
                    left.countDown();
                  }
                })
            .build();
    var heap = json.createArrayNode();
    var start = System.nanoTime();
    var worker = Worker.start(redis, queue.name(), _ -> "null", options);
    for (var tenth = 9; tenth >= 0; tenth--) {
      while (left.getCount() > (long) jobs * tenth / 10) {
        if (System.nanoTime() - start > SOAK_LIMIT.toNanos()) {
          throw new IOException(left.getCount() + " jobs of " + jobs + " never completed");
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
      System.gc();
      var memory = Runtime.getRuntime();
      heap.add((memory.totalMemory() - memory.freeMemory()) / 1024);
    }
    var seconds = (System.nanoTime() - start) / 1e9;
    worker.stop(Duration.ofSeconds(5));
    return result(seconds).set("heapKb", heap);
  }

  /** Does to many jobs what their administrators do. */
  private ObjectNode maintain(Queue queue, int jobs) throws Exception {
    var maintenance = queue.maintenance();
    var answer = json.createObjectNode();
    fill(queue, jobs);
    answer.set("drain", timed(() -> maintenance.drain(false)));
    fill(queue, jobs);
    answer.set("clean", timed(() -> maintenance.clean(JobState.WAITING, Duration.ZERO, 0)));
    fill(queue, jobs);
    answer.set("obliterate", timed(() -> maintenance.obliterate(true)));
    return answer;
  }

  /** Returns how long it took, and how long Redis was busy with its longest script. */
  private ObjectNode timed(Work work) throws Exception {
    try (var connection = redis.dedicated("slowlog")) {
      var server = connection.sync();
      server.configSet("slowlog-log-slower-than", "2000");
      server.slowlogReset();
      var answer = seconds(work);
      var longest =
          server.slowlogGet(1_000).stream()
              .mapToLong(entry -> (Long) ((List<?>) entry).get(2))
              .max()
              .orElse(0);
      return answer.put("longestMicros", longest);
    }
  }

  private ObjectNode addConcurrent(Queue queue, JsonNode request) throws Exception {
    var clients = request.path("concurrency").asInt();
    var each = request.path("jobs").asInt() / clients;
    return seconds(() -> {
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var adding =
            IntStream.range(0, clients)
                .mapToObj(i -> threads.submit(() -> add(queue, each)))
                .toList();
        for (var client : adding) {
          client.get();
        }
      }
    });
  }

  private ObjectNode wake(Queue queue, int jobs) throws Exception {
    var begun = new SynchronousQueue<Long>();
    var worker =
        Worker.start(
            redis,
            queue.name(),
            job -> {
              var at = System.nanoTime();
              begun.offer(at, 1, TimeUnit.SECONDS);
              return "null";
            },
            WorkerOptions.builder().build());
    var latencies = new long[jobs];
    for (var i = 0; i < jobs; i++) {
      // Long enough for the worker to have gone back to sleep.
      TimeUnit.MILLISECONDS.sleep(5);
      var start = System.nanoTime();
      var _ = queue.addAsync("job", data(i), FINISHED);
      var at = begun.poll(10, TimeUnit.SECONDS);
      if (at == null) {
        throw new IOException("job " + i + " never began");
      }
      latencies[i] = at - start;
    }
    worker.stop(Duration.ofSeconds(5));
    java.util.Arrays.sort(latencies);
    return result(latencies[jobs / 2] / 1e9);
  }

  private static void fill(Queue queue, int jobs) {
    for (var from = 0; from < jobs; from += CHUNK) {
      var last = Math.min(from + CHUNK, jobs);
      queue.addBulk(
          IntStream.range(from, last).mapToObj(i -> new NewJob("job", data(i), FINISHED)).toList());
    }
  }

  private static void add(Queue queue, int jobs) {
    for (var i = 0; i < jobs; i++) {
      queue.add("job", data(i), FINISHED);
    }
  }

  private void addFlows(Queue queue, int flows, int children) {
    var producer = new FlowProducer(redis, QueueOptions.DEFAULT);
    for (var i = 0; i < flows; i++) {
      var leaves =
          IntStream.range(0, children)
              .mapToObj(c -> new FlowJob("job", queue.name(), data(c)).withOptions(FINISHED))
              .toList();
      producer.add(new FlowJob("parent", queue.name(), data(i)).withChildren(leaves));
    }
  }

  private static String data(int i) {
    return "{\"i\":" + i + "}";
  }

  private interface Work {
    void run() throws Exception;
  }

  private ObjectNode seconds(Work work) throws Exception {
    var start = System.nanoTime();
    work.run();
    return result((System.nanoTime() - start) / 1e9);
  }

  private ObjectNode result(double seconds) {
    return json.createObjectNode().put("seconds", seconds);
  }
}
