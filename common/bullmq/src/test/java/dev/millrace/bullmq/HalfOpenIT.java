package dev.millrace.bullmq;

import static org.awaitility.Awaitility.await;

import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Connections that look open but carry nothing, as after a firewall forgot them. */
class HalfOpenIT {
  @Test
  void ownDeadlinesReplaceSilentConnections() throws IOException {
    Set<String> done = ConcurrentHashMap.newKeySet();
    try (var redis = RedisProcess.start();
        var proxy = new HalfOpenProxy(redis.port());
        var direct = RedisConnections.connect(RedisURI.create(redis.url()));
        var through =
            RedisConnections.connect(RedisURI.create("redis://127.0.0.1:" + proxy.port()));
        var _ =
            Worker.start(
                through,
                "q",
                job -> {
                  done.add(job.job().name());
                  return null;
                },
                TestQueue.workerOptions().build())) {
      var queue = new Queue(direct, "q", QueueOptions.DEFAULT);
      queue.add("before", "{}");
      await().until(() -> done.contains("before") && queue.counts().active() == 0);

      // The shared connection, and that of the wait for work.
      await().until(() -> proxy.connections() >= 2);
      proxy.silence();
      queue.add("after", "{}");

      // The wait for work ends by itself after 2 s, the shared connection's call after 10 s.
      await().atMost(Duration.ofSeconds(25)).until(() -> done.contains("after"));
    }
  }
}
