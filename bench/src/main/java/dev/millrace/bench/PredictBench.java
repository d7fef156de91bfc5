package dev.millrace.bench;

import dev.millrace.bench.Processes.Started;
import dev.millrace.testing.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bench/run predict}: the trivial flow Start → Direct Reply, in MODE=queue and MODE=main, at
 * several concurrencies, with what it costs each process.
 */
final class PredictBench {
  private static final int[] CONCURRENCIES = {1, 8, 32, 128};
  private static final Duration WARM_UP = Duration.ofSeconds(40);
  private static final int GROWN_ROUNDS = 10;
  private static final Duration GROWN_LENGTH = Duration.ofSeconds(5);
  private static final String EXPECTED = "\"text\":\"pong reply\"";
  private static final String BODY = "{\"question\":\"hello\"}";

  private final Path root;
  private final Duration length;
  private final Path flowFile;
  private final JsonMapper json = JsonMapper.shared();
  private final StringBuilder report = new StringBuilder();

  /**
   * @param flowFile a chat flow as the API returns it, or an exported flow
   * @param length of each cell
   */
  PredictBench(Path root, Path flowFile, Duration length) {
    this.root = root;
    this.flowFile = flowFile;
    this.length = length;
  }

  String run() throws Exception {
    report.append("# bench/run predict\n\n").append(Machine.facts()).append('\n');
    report.append("Flow: ").append(flowFile.getFileName()).append(", ");
    report.append(Files.size(flowFile)).append(" bytes; ").append(length.toSeconds());
    report.append(" s a cell after a warm-up of ").append(WARM_UP.toSeconds());
    report.append(" s at 32: the JVM compiles for about that long.\n");
    for (var mode : List.of("queue", "main")) {
      try (var stores = new Stores();
          var processes = new Processes(root)) {
        mode(mode, stores, processes);
      }
    }
    return report.toString();
  }

  private void mode(String mode, Stores stores, Processes processes) throws Exception {
    var env = new TreeMap<>(stores.environment());
    env.put("MODE", mode);
    var port = FreePort.find();
    var first = processes.server(env, port);
    processes.stopAll();
    // The second start finds a migrated database, as every start but the first does.
    var server = processes.server(env, port);
    var measured = new ArrayList<Measured>(List.of(server.process()));
    if (mode.equals("queue")) {
      measured.add(processes.worker(env, FreePort.find()).process());
      measured.add(new Measured("redis", stores.redis.pid()));
    }
    measured.add(new Measured("postgres", postgresPid(stores)));
    report.append("\n## MODE=").append(mode).append("\n\n");
    report.append(
        "Start to first ping: %.2f s on an empty database, %.2f s on a migrated one.%n"
            .formatted(first.startSeconds(), server.startSeconds()));
    report.append("RSS idle: ").append(rss(measured)).append("\n\n");
    var path = "/api/v1/prediction/" + createFlow(processes, server);
    Load.run(port, path, BODY, EXPECTED, 32, WARM_UP);
    table(measured);
    for (var concurrency : CONCURRENCIES) {
      cell(stores, measured, port, path, concurrency);
    }
    report.append("\nRSS after the load: ").append(rss(measured)).append('\n');
    if (mode.equals("queue")) {
      report.append("Redis memory after it: %.1f MB%n".formatted(stores.redisMemory() / 1048576.0));
      grown(stores, port, path);
    }
  }

  private void table(List<Measured> measured) {
    report.append("| c | predictions/s | p50 ms | p95 ms | p99 ms | CPU ms each: ");
    report.append(measured.stream().map(Measured::name).collect(Collectors.joining(", ")));
    report.append(" | SQL statements each | commits each | Redis calls each |\n");
    report.append("|---|---|---|---|---|---|---|---|---|\n");
  }

  private void cell(Stores stores, List<Measured> measured, int port, String path, int concurrency)
      throws Exception {
    var cpuBefore = measured.stream().map(Measured::cpuMillis).toList();
    var statements = stores.statements();
    var commits = stores.commits();
    var calls = stores.redisCalls();
    var result = Load.run(port, path, BODY, EXPECTED, concurrency, length);
    var n = (double) result.calls();
    var cpu = new ArrayList<String>();
    for (var i = 0; i < measured.size(); i++) {
      cpu.add("%.2f".formatted((measured.get(i).cpuMillis() - cpuBefore.get(i)) / n));
    }
    report.append(
        "| %d | %.0f | %.2f | %.2f | %.2f | %s | %.2f | %.2f | %s |%n"
            .formatted(
                concurrency,
                result.perSecond(),
                result.percentile(50),
                result.percentile(95),
                result.percentile(99),
                String.join(", ", cpu),
                (stores.statements() - statements) / n,
                (stores.commits() - commits) / n,
                perCall(calls, stores.redisCalls(), n)));
  }

  /**
   * The same load with 100,000 executions stored and with few. Both tables are made beforehand and
   * change places between rounds, so that nothing but their size differs.
   */
  private void grown(Stores stores, int port, String path) throws Exception {
    stores.sql("TRUNCATE execution, chat_message CASCADE");
    stores.sql("ALTER TABLE execution SET (autovacuum_enabled = false)");
    stores.sql("CREATE TABLE other (LIKE execution INCLUDING ALL)");
    stores.sql("ALTER TABLE other SET (autovacuum_enabled = false)");
    stores.sql(
        """
        INSERT INTO other ("executionData", state, "agentflowId", "sessionId", "workspaceId")
        SELECT repeat('x', 700), 'FINISHED', f.id, gen_random_uuid()::text, f."workspaceId"
        FROM chat_flow f, generate_series(1, 100000)
        """);
    stores.sql("VACUUM ANALYZE other");
    stores.sql("CHECKPOINT");
    var ratios = new ArrayList<Double>();
    for (var round = 0; round < GROWN_ROUNDS; round++) {
      // Few first, then many; the next round the other way round, so that a drift favours neither.
      var fewFirst = round % 2 == 0;
      var first = grownCell(port, path);
      swap(stores);
      var second = grownCell(port, path);
      ratios.add(fewFirst ? second / first : first / second);
    }
    ratios.sort(null);
    report.append(
        "With 100,000 stored executions, c=8: %.1f %% of the throughput with few (median of %d; %s)%n"
            .formatted(
                (ratios.get((GROWN_ROUNDS - 1) / 2) + ratios.get(GROWN_ROUNDS / 2)) * 50,
                GROWN_ROUNDS,
                ratios.stream().map("%.3f"::formatted).collect(Collectors.joining(", "))));
  }

  private static double grownCell(int port, String path) throws Exception {
    // The statements are planned anew for the other table.
    Load.run(port, path, BODY, EXPECTED, 8, Duration.ofSeconds(1));
    return Load.run(port, path, BODY, EXPECTED, 8, GROWN_LENGTH).perSecond();
  }

  private static void swap(Stores stores) {
    stores.sql(
        """
        BEGIN;
        ALTER TABLE execution RENAME TO third;
        ALTER TABLE other RENAME TO execution;
        ALTER TABLE third RENAME TO other;
        COMMIT
        """);
  }

  private String createFlow(Processes processes, Started server) throws Exception {
    var file = json.readTree(Files.readString(flowFile));
    var data =
        file.path("flowData").isString() ? file.path("flowData").asString() : file.toString();
    var body =
        json.createObjectNode().put("name", "bench").put("type", "AGENTFLOW").put("flowData", data);
    var answer = processes.post(server.port(), "/api/v1/chatflows", body.toString());
    return json.readTree(answer).path("id").asString();
  }

  private static String perCall(Map<String, Long> before, Map<String, Long> after, double n) {
    var text = new ArrayList<String>();
    after.forEach((command, count) -> {
      var each = (count - before.getOrDefault(command, 0L)) / n;
      if (each > 0.005) {
        text.add("%s %.2f".formatted(command, each));
      }
    });
    return text.isEmpty() ? "–" : String.join(", ", text);
  }

  private static String rss(List<Measured> measured) {
    return measured.stream()
        .filter(process -> !process.name().equals("postgres"))
        .map(process -> "%s %.0f MB".formatted(process.name(), process.rssMegabytes()))
        .collect(Collectors.joining(", "));
  }

  private static long postgresPid(Stores stores) throws IOException {
    var port = Integer.toString(stores.postgres.getPort());
    return ProcessHandle.allProcesses()
        .filter(handle -> handle.info().arguments().map(a -> isServer(a, port)).orElse(false))
        .mapToLong(ProcessHandle::pid)
        .min()
        .orElseThrow(() -> new IOException("the PostgreSQL on port " + port + " is not found"));
  }

  private static boolean isServer(String[] arguments, String port) {
    var all = String.join(" ", arguments);
    return all.contains("-D") && all.contains(port);
  }
}
