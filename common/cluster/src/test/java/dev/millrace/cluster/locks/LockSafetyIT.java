package dev.millrace.cluster.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.RedisNodes;
import dev.millrace.cluster.pubsub.RedisPubSubTransport;
import dev.millrace.cluster.pubsub.TransportPubSub;
import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * Twenty processes increment a counter under one lock for a minute, while they are frozen for
 * longer than the lease and killed at random. The counter checks fencing tokens.
 */
class LockSafetyIT {
  private static final int PROCESSES = 20;
  private static final Duration TIME =
      Duration.ofSeconds(Integer.getInteger("millrace.lock.seconds", 60));
  private static final Duration TTL = Duration.ofMillis(700);
  private static final String PREFIX = "safety:";

  /** Shows the resource the token with the read: from then on it refuses smaller ones. */
  private static final String READ =
      """
      if tonumber(ARGV[1]) < tonumber(redis.call('HGET', KEYS[1], 'token') or '0') then return -1 end
      redis.call('HSET', KEYS[1], 'token', ARGV[1])
      return tonumber(redis.call('HGET', KEYS[1], 'value') or '0')
      """;

  /** Accepts a value, and remembers from which one it was computed and by whom. */
  private static final String WRITE =
      """
      if ARGV[1] ~= redis.call('HGET', KEYS[1], 'token') then
        redis.call('HINCRBY', KEYS[1], 'refused', 1)
        return 0
      end
      redis.call('HSET', KEYS[1], 'value', ARGV[2])
      redis.call('RPUSH', KEYS[2], ARGV[2] .. ' ' .. ARGV[1])
      return 1
      """;

  /** One of the processes: {@code main} of a JVM of its own. */
  static final class Incrementer {
    private Incrementer() {}

    /** Increments until it is killed. */
    public static void main(String[] args) throws Exception {
      var random = new Random();
      var link = RedisNodes.link(args[0], PREFIX);
      var pubSub = new TransportPubSub(new RedisPubSubTransport(link));
      pubSub.connect();
      var client = RedisClient.create(args[0]);
      try (var locks = new RedisLocks(link, pubSub);
          var connection = client.connect()) {
        var redis = connection.sync();
        redis.rpush("ready", "one more");
        while (true) {
          try (var lock = locks.acquire("counter", LockOptions.DEFAULT.withTtl(TTL))) {
            var token = Long.toString(lock.token());
            Long value = redis.eval(READ, ScriptOutputType.INTEGER, keys(), token);
            // Here it may be frozen, and somebody else may come.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(20)));
            if (value >= 0 && lock.isHeld()) {
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(5)));
              Long _ =
                  redis.eval(
                      WRITE, ScriptOutputType.INTEGER, keys(), token, Long.toString(value + 1));
            }
          } catch (RuntimeException e) {
            System.out.println(e);
          }
        }
      }
    }
  }

  private static String[] keys() {
    return new String[] {"counter", "writes"};
  }

  @Test
  void noUpdateIsLostAndNoTwoHoldersWrite() throws Exception {
    var random = new Random(7);
    var processes = new ArrayList<Process>();
    try (var server = RedisProcess.start()) {
      try {
        for (var i = 0; i < PROCESSES; i++) {
          processes.add(launch(server.url()));
        }
        awaitReady(server.url());
        var frozen = 0;
        var killed = 0;
        var end = System.nanoTime() + TIME.toNanos();
        while (System.nanoTime() < end) {
          var victim = random.nextInt(PROCESSES);
          if (random.nextInt(6) == 0) {
            processes.get(victim).destroyForcibly().waitFor();
            processes.set(victim, launch(server.url()));
            killed++;
          } else {
            freeze(processes.get(victim), Duration.ofMillis(300 + random.nextInt(1_200)));
            frozen++;
          }
        }
        stop(processes);
        check(server.url(), frozen, killed);
      } finally {
        stop(processes);
      }
    }
  }

  /** Starting so many JVMs takes its time on a small machine. */
  private static void awaitReady(String url) {
    var client = RedisClient.create(url);
    try (var connection = client.connect()) {
      await()
          .atMost(Duration.ofMinutes(5))
          .until(() -> connection.sync().llen("ready") == PROCESSES);
    } finally {
      client.shutdown();
    }
  }

  private static void check(String url, int frozen, int killed) {
    var client = RedisClient.create(url);
    try (var connection = client.connect()) {
      var redis = connection.sync();
      var writes = redis.lrange("writes", 0, -1);
      var value = Long.parseLong(redis.hget("counter", "value"));
      var refused = redis.hget("counter", "refused");
      System.out.printf(
          "%d processes, %s: %d accepted increments, %s refused; %d freezes, %d kills%n",
          PROCESSES, TIME, value, refused == null ? "none" : refused, frozen, killed);
      assertThat(value).isGreaterThan(PROCESSES).isEqualTo(writes.size());
      var number = 0L;
      var token = 0L;
      for (var write : writes) {
        var parts = write.split(" ", 2);
        // Each was computed from the one before it, by a later holder.
        assertThat(Long.parseLong(parts[0])).isEqualTo(++number);
        assertThat(Long.parseLong(parts[1])).isGreaterThan(token);
        token = Long.parseLong(parts[1]);
      }
    } finally {
      client.shutdown();
    }
  }

  private static Process launch(String url) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx48m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            Incrementer.class.getName(),
            url)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void freeze(Process process, Duration time) throws Exception {
    signal(process, "STOP");
    process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    signal(process, "CONT");
  }

  private static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  private static void stop(List<Process> processes) {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }
}
