package dev.millrace.bench;

import dev.millrace.testing.RedisProcess;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bench/run million}: what very long queues cost. One worker goes through all the jobs, and
 * its heap should stay as it is; then as many waiting ones are drained, cleaned and obliterated,
 * and Redis should never be busy with that for long at a time.
 */
final class MillionBench {
  private final int jobs;

  MillionBench(int jobs) {
    this.jobs = jobs;
  }

  String run() throws IOException {
    var report = new StringBuilder("# bench/run million\n\n").append(Machine.facts());
    try (var redis = RedisProcess.start("--save", "");
        var java = new Peer("Java", JavaPeer.command(redis.port()), Map.of())) {
      var soak = ask(java, "soak");
      var seconds = soak.path("seconds").asDouble();
      report.append(
          "%n%,d jobs, one worker of concurrency 500: %.0f s, %,.0f jobs/s. "
              .formatted(jobs, seconds, jobs / seconds));
      report.append("Heap in use after a collection, at every tenth of them, in MB: ");
      report.append(
          soak.path("heapKb")
              .valueStream()
              .map(kb -> "%.1f".formatted(kb.asDouble() / 1024))
              .collect(Collectors.joining(", ")));
      report.append(
          ".\n\n| %,d waiting jobs | took | longest single call |%n|---|---|---|%n"
              .formatted(jobs));
      for (var done : ask(java, "maintain").properties()) {
        var figures = done.getValue();
        report.append(
            "| %s | %.1f s | %.1f ms |%n"
                .formatted(
                    done.getKey(),
                    figures.path("seconds").asDouble(),
                    figures.path("longestMicros").asDouble() / 1000));
      }
    }
    return report.toString();
  }

  private JsonNode ask(Peer java, String operation) throws IOException {
    return java.ask(
        JsonMapper.shared()
            .createObjectNode()
            .put("operation", operation)
            .put("queue", operation)
            .put("jobs", jobs)
            .put("concurrency", 500));
  }
}
