package dev.millrace.bench;

import dev.millrace.cluster.cache.Cache;
import dev.millrace.cluster.cache.CacheOptions;
import dev.millrace.cluster.cache.Codec;
import dev.millrace.cluster.cache.RedisCaches;
import dev.millrace.cluster.pubsub.RedisPubSubTransport;
import dev.millrace.cluster.pubsub.TransportPubSub;
import dev.millrace.cluster.support.RedisLink;
import dev.millrace.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** {@code bench/run cluster}: what caches and messages of a cluster cost, in one process. */
final class ClusterBench {
  private static final int THREADS = 64;
  private static final int KEYS = 1_000;
  private static final Duration CELL = Duration.ofSeconds(4);
  private static final int ROUNDS = 5;
  private static final int MESSAGES = 2_000;

  /** One node: its connections, its messages, its caches. */
  private record Node(RedisLink link, TransportPubSub pubSub, RedisCaches caches)
      implements AutoCloseable {
    static Node open(String url) {
      var link = new RedisLink(url, "bench:");
      var pubSub = new TransportPubSub(new RedisPubSubTransport(link));
      var caches = new RedisCaches(link, pubSub);
      pubSub.connect();
      return new Node(link, pubSub, caches);
    }

    @Override
    public void close() {
      caches.close();
      pubSub.close();
      link.close();
    }
  }

  private interface Operation {
    void run(int number);
  }

  String run() throws Exception {
    var report = new StringBuilder("# bench/run cluster\n\n").append(Machine.facts());
    try (var redis = RedisProcess.start();
        var here = Node.open(redis.url());
        var there = Node.open(redis.url())) {
      report.append("\nRedis on the same machine; ").append(THREADS);
      report.append(" threads; the median of ").append(ROUNDS).append(" rounds of ");
      report.append(CELL.toSeconds()).append(" s.\n\n| | measured | wanted |\n|---|---|---|\n");
      var near = cache(here, "near", CacheOptions.DEFAULT.withLocalEntries(2 * KEYS));
      report.append(
          "| cache hits in the node's memory | **%,.0f /s** | 5,000,000 /s |%n"
              .formatted(rate(number -> hit(near, number))));
      var far = cache(here, "far", CacheOptions.DEFAULT.withLocalEntries(0));
      report.append(
          "| cache hits over Redis | **%,.0f /s** | 50,000 /s |%n"
              .formatted(rate(number -> hit(far, number))));
      report.append(
          "| loader calls of 1,000 concurrent misses on two nodes | **%d** | 1 |%n"
              .formatted(loaderCalls(here, there)));
      report.append(
          "| publish to handler on another node, p50 of %,d | **%.3f ms** | 1 ms |%n"
              .formatted(MESSAGES, latency(here, there)));
    }
    return report.toString();
  }

  private static Cache<String> cache(Node node, String name, CacheOptions options) {
    var cache = node.caches().create(name, Codec.strings(), options);
    for (var i = 0; i < KEYS; i++) {
      cache.set("key" + i, "a value of some length, as they are " + i);
    }
    for (var i = 0; i < KEYS; i++) {
      hit(cache, i);
    }
    return cache;
  }

  private static final String[] NAMES = names();

  private static String[] names() {
    var names = new String[KEYS];
    for (var i = 0; i < KEYS; i++) {
      names[i] = "key" + i;
    }
    return names;
  }

  private static void hit(Cache<String> cache, int number) {
    if (cache.get(NAMES[number % KEYS]) == null) {
      throw new IllegalStateException("a value is missing");
    }
  }

  private static double rate(Operation operation) throws Exception {
    // With one thread: 64 busy ones leave the compiler so little of two cores that the first
    // rounds would run in its slowest code.
    rateOnce(operation, 1);
    rateOnce(operation, THREADS);
    var figures = new ArrayList<Double>();
    for (var round = 0; round < ROUNDS; round++) {
      figures.add(rateOnce(operation, THREADS));
    }
    return PgJobsBench.median(figures);
  }

  private static double rateOnce(Operation operation, int atOnce) throws Exception {
    var count = new LongAdder();
    var stop = new AtomicBoolean();
    var begun = System.nanoTime();
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      var all = new ArrayList<Future<?>>();
      for (var t = 0; t < atOnce; t++) {
        var first = t * 17;
        all.add(
            threads.submit(() -> {
              var number = first;
              while (!stop.get()) {
                for (var i = 0; i < 16; i++) {
                  operation.run(number++);
                }
                count.add(16);
              }
            }));
      }
      TimeUnit.MILLISECONDS.sleep(CELL.toMillis());
      stop.set(true);
      for (var each : all) {
        each.get();
      }
    }
    return count.sum() / ((System.nanoTime() - begun) / 1e9);
  }

  private static int loaderCalls(Node here, Node there) throws Exception {
    var first = here.caches().create("dear", Codec.strings());
    var second = there.caches().create("dear", Codec.strings());
    var calls = new AtomicInteger();
    var go = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<Future<String>>();
      for (var i = 0; i < 1_000; i++) {
        var cache = i % 2 == 0 ? first : second;
        all.add(
            threads.submit(() -> {
              go.await();
              return cache.wrap(
                  "key",
                  () -> {
                    TimeUnit.MILLISECONDS.sleep(100);
                    return "computed " + calls.incrementAndGet();
                  });
            }));
      }
      go.countDown();
      for (var each : all) {
        if (!each.get().equals("computed 1")) {
          throw new IllegalStateException("somebody got " + each.get());
        }
      }
    }
    return calls.get();
  }

  /** Returns the median time from a publish to the call of the handler, in milliseconds. */
  private static double latency(Node here, Node there) throws Exception {
    var arrived = new LinkedBlockingQueue<Long>();
    try (var _ = there.pubSub().subscribe("latency", _ -> arrived.add(System.nanoTime()))) {
      var times = new ArrayList<Double>();
      for (var i = 0; i < MESSAGES; i++) {
        var sent = System.nanoTime();
        here.pubSub().publish("latency", i);
        var heard = arrived.poll(10, TimeUnit.SECONDS);
        if (heard == null) {
          throw new IllegalStateException("message " + i + " did not arrive");
        }
        times.add((heard - sent) / 1e6);
      }
      return PgJobsBench.median(times.subList(MESSAGES / 4, MESSAGES));
    }
  }
}
