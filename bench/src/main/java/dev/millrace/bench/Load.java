package dev.millrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs many {@link LoadClient}s side by side and gathers their latencies. */
final class Load {
  private Load() {}

  /**
   * What one cell measured.
   *
   * @param concurrency clients side by side
   * @param calls answers, all of them checked
   * @param seconds from the first request to the last answer
   * @param latencies in ns, sorted
   */
  record Result(int concurrency, int calls, double seconds, long[] latencies) {
    double perSecond() {
      return calls / seconds;
    }

    /** Returns a latency in ms. */
    double percentile(double p) {
      var index = (int) Math.ceil(p / 100 * latencies.length) - 1;
      return latencies[Math.max(0, index)] / 1e6;
    }
  }

  /**
   * Sends requests for a while.
   *
   * @param expected a text that every answer must contain
   * @throws IOException when an answer is wrong
   */
  static Result run(
      int port, String path, String body, String expected, int concurrency, Duration length)
      throws IOException, InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var start = System.nanoTime();
      var deadline = start + length.toNanos();
      var clients = new ArrayList<Future<long[]>>();
      for (var i = 0; i < concurrency; i++) {
        clients.add(threads.submit(() -> client(port, path, body, expected, deadline)));
      }
      var all = new ArrayList<long[]>();
      for (var client : clients) {
        all.add(client.get());
      }
      var seconds = (System.nanoTime() - start) / 1e9;
      var latencies = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      return new Result(concurrency, latencies.length, seconds, latencies);
    } catch (ExecutionException e) {
      throw new IOException("a client failed", e);
    }
  }

  private static long[] client(int port, String path, String body, String expected, long deadline)
      throws IOException {
    var latencies = new long[1 << 10];
    var count = 0;
    try (var client = new LoadClient(port, path, body)) {
      while (System.nanoTime() < deadline) {
        var before = System.nanoTime();
        var answer = client.call();
        if (!answer.contains(expected)) {
          throw new IOException("a wrong answer: " + answer);
        }
        if (count == latencies.length) {
          latencies = Arrays.copyOf(latencies, count * 2);
        }
        latencies[count++] = System.nanoTime() - before;
      }
    }
    return Arrays.copyOf(latencies, count);
  }
}
