package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A worker on a machine whose clock is set an hour forth and back all the time, beside one whose
 * clock is right: what it holds stays its own, and lasts as long as it should.
 */
class ClockJumpIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Longer than any lease there is. */
  private static final Duration LASTING = Duration.ofSeconds(16);

  /** How late something may be on a busy machine. */
  private static final long LATE_MS = 5_000;

  @ParameterizedTest
  @ValueSource(strings = {"redis", "postgres"})
  void whatANodeHoldsOutlivesJumpsOfItsClock(String store) throws Exception {
    var library = requireFaketime();
    try (var deployment = deployment(store)) {
      var folder = deployment.home();
      var clock = folder.resolve("clock");
      set(clock, 1);
      var api = deployment.startServer(Map.of("WORKER_MODE", "!"));
      var jumping =
          deployment.startWorkerWithoutWaiting(jumping(library, clock)).awaitUp("/healthz");
      var holder = create(api, "clock:hold", folder);
      await().atMost(20, SECONDS).until(() -> current(api, holder) > 0);
      var right = deployment.startWorkerWithoutWaiting().awaitUp("/healthz");
      var watcher = create(api, "clock:watch", folder);
      await().atMost(20, SECONDS).until(() -> current(api, watcher) > 0);

      var from = System.nanoTime();
      for (var hours = -1; System.nanoTime() - from < LASTING.toNanos(); hours = -hours) {
        set(clock, hours);
        var before = current(api, holder);
        await().atMost(20, SECONDS).until(() -> current(api, holder) > before + 10);
      }
      Files.createFile(folder.resolve("stop"));

      var held = Layouts.awaitTask(api, holder);
      assertThat(held.path("state").asString()).as(deployment::logs).isEqualTo("SUCCEEDED");
      assertThat(held.path("attempt").asInt()).isEqualTo(1);
      var result = held.path("result");
      assertThat(result.path("pid").asLong()).isEqualTo(jumping.pid());
      assertThat(result.path("jumped").asLong()).as("seconds").isGreaterThan(7_000);
      assertThat(result.path("lost").asInt()).isZero();
      assertThat(result.path("doubled").asInt()).isZero();
      assertCachesLive(result.path("lives"));
      assertArrived(folder.resolve("events"), result.path("events").asInt());
      var watched = Layouts.awaitTask(api, watcher);
      assertThat(watched.path("state").asString()).as(deployment::logs).isEqualTo("SUCCEEDED");
      assertThat(watched.path("result").path("pid").asLong()).isEqualTo(right.pid());
      assertThat(watched.path("result").path("taken").asInt()).isZero();
      assertThat(jumping.log()).containsOnlyOnce("this node leads");
      assertThat(right.log()).doesNotContain("this node leads");
    }
  }

  /** Each of several caches: how long each value of 3 s was there. */
  private static void assertCachesLive(JsonNode lives) {
    assertThat(lives).hasSize(3);
    for (var cache : lives) {
      assertThat(cache).isNotEmpty();
      for (var milliseconds : cache) {
        assertThat(milliseconds.asLong()).isBetween(2_900L, 3_000L + LATE_MS);
      }
    }
  }

  /** Each of the events with a delay of 1.5 s. */
  private static void assertArrived(Path file, int events) {
    assertThat(events).isGreaterThan(5);
    await().atMost(20, SECONDS).until(() -> Files.readAllLines(file).size() >= events);
    var waited = new HashMap<Integer, Long>();
    for (var line : lines(file)) {
      var words = line.split(" ", 2);
      var before = waited.put(Integer.valueOf(words[0]), Long.valueOf(words[1]));
      assertThat(before).as("event %s came twice", words[0]).isNull();
    }
    assertThat(waited).hasSize(events);
    assertThat(waited.values())
        .allSatisfy(milliseconds -> assertThat(milliseconds).isBetween(1_450L, 1_500L + LATE_MS));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path requireFaketime() throws IOException {
    try (var folders = Files.list(Path.of("/usr/lib"))) {
      var found =
          folders
              .map(folder -> folder.resolve("faketime/libfaketimeMT.so.1"))
              .filter(Files::exists)
              .findAny();
      Assumptions.assumeTrue(found.isPresent(), "needs libfaketime (Debian: libfaketime)");
      return found.orElseThrow();
    }
  }

  private static Map<String, String> jumping(Path library, Path clock) {
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "FAKETIME_TIMESTAMP_FILE", clock.toString(),
        "FAKETIME_NO_CACHE", "1",
        "NO_FAKE_STAT", "1",
        // The monotonic clock does not jump on real machines either.
        "DONT_FAKE_MONOTONIC", "1",
        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
        // Otherwise the JVM's waits return at once, and it spins.
        "FAKETIME_FORCE_MONOTONIC_FIX", "0");
  }

  /** At once, so that the worker never reads half a line. */
  private static void set(Path clock, int hours) throws IOException {
    var next =
        Files.writeString(clock.resolveSibling("clock-next"), "%+d\n".formatted(hours * 3_600));
    Files.move(next, clock, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Deployment deployment(String store) throws IOException {
    var deployment = new Deployment("queue");
    var project = deployment.home().resolve("clock-plugin");
    var source = project.resolve("java/clock/ClockPlugin.java");
    Files.createDirectories(Objects.requireNonNull(source.getParent()));
    try (var text = ClockJumpIT.class.getResourceAsStream("/ClockPlugin.java.txt")) {
      Files.copy(Objects.requireNonNull(text), source);
    }
    var about = project.resolve("resources/META-INF/services");
    Files.createDirectories(about);
    Files.writeString(about.resolve("dev.millrace.platform.plugins.Plugin"), "clock.ClockPlugin\n");
    Files.writeString(
        about.resolveSibling("millrace-plugin.properties"), "name=clock\nversion=1\napi=1\n");
    var folder = PluginBuilder.build(project, deployment.home());
    return deployment
        .with("PLUGINS_FOLDER", folder.toString())
        .with("LOCK_ADAPTER_DEFAULT", store)
        .with("QUEUE_ADAPTER", store)
        // The second task goes to the second worker.
        .with("ASYNC_TASK_MAX_CONCURRENCY", "1")
        .with("WORKER_MODE", "async-task:process");
  }

  private static String create(Api api, String type, Path folder) throws Exception {
    var body = JSON.createObjectNode().put("type", type);
    body.putObject("params").put("folder", folder.toString());
    return Layouts.createTask(api, body.toString());
  }

  private static double current(Api api, String id) throws Exception {
    return Layouts.task(api, id).path("progressCurrent").asDouble();
  }
}
