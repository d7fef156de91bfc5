package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Background tasks whose node dies, and such that are stopped from another node. */
class TaskDeathIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** In its first attempt it takes for ever; in the second it is done at once. */
  private static final String PLUGIN =
      """
      package slow;
      import dev.millrace.platform.plugins.*;
      import dev.millrace.platform.tasks.*;
      import dev.millrace.flows.model.Json;
      import java.nio.file.*;
      import java.util.concurrent.*;
      import tools.jackson.databind.JsonNode;
      import tools.jackson.databind.node.ObjectNode;
      public class Slow implements Plugin, TaskType {
        public void load(App app) { app.taskType(this); }
        public String name() { return "slow:work"; }
        public JsonNode run(ObjectNode params, TaskContext context) throws Exception {
          var mark = Path.of(params.path("mark").asString());
          if (Files.notExists(mark)) {
            Files.createFile(mark);
            context.progress(1, 2);
            new CountDownLatch(1).await(10, TimeUnit.MINUTES);
          }
          context.progress(2, 2);
          return Json.object().put("pid", ProcessHandle.current().pid());
        }
      }
      """;

  @Test
  void anotherNodeRunsTheTaskOfOneThatWasKilled() throws Exception {
    try (var deployment = deployment()) {
      var api = deployment.startServer(Map.of("WORKER_MODE", "!"));
      var first = deployment.startWorker("WORKER_MODE", "async-task:process");
      var id = create(api, deployment.home().resolve("mark-1"));
      await().atMost(20, SECONDS).until(() -> state(api, id).equals("RUNNING"));
      var second = deployment.startWorker("WORKER_MODE", "async-task:process");

      first.kill();
      var killed = Instant.now();

      await().atMost(60, SECONDS).until(() -> state(api, id).equals("SUCCEEDED"));
      System.out.printf(
          "a task was finished %.1f s after its node was killed%n",
          Duration.between(killed, Instant.now()).toMillis() / 1000.0);
      var task = Layouts.task(api, id);
      assertThat(task.path("result").path("pid").asLong()).isEqualTo(second.pid());
      assertThat(task.path("attempt").asInt()).isEqualTo(2);
      assertThat(task.path("progressCurrent").asInt()).isEqualTo(2);
    }
  }

  @Test
  void aTaskIsStoppedFromAnyServer() throws Exception {
    try (var deployment = deployment()) {
      var api = deployment.startServer(Map.of("WORKER_MODE", "!"));
      var worker = deployment.startWorker("WORKER_MODE", "async-task:process");
      var id = create(api, deployment.home().resolve("mark-2"));
      await().atMost(20, SECONDS).until(() -> state(api, id).equals("RUNNING"));

      var stopped = api.send("POST", "/api/v1/tasks/" + id + "/stop", "");

      assertThat(stopped.statusCode()).isEqualTo(202);
      assertThat(state(api, id)).isEqualTo("CANCELED");
      await().atMost(10, SECONDS).until(() -> Layouts.load(worker, "activeTasks") == 0);
      assertThat(api.send("POST", "/api/v1/tasks/" + id + "/stop", "").statusCode()).isEqualTo(202);
      assertThat(api.send("GET", "/api/v1/tasks/" + id + "/file", "").statusCode()).isEqualTo(400);
      assertThat(api.send("POST", "/api/v1/tasks/nothing/stop", "").statusCode()).isEqualTo(404);
    }
  }

  private static Deployment deployment() throws IOException {
    var deployment = new Deployment("queue");
    var project = deployment.home().resolve("slow");
    write(project.resolve("java/slow/Slow.java"), PLUGIN);
    write(
        project.resolve("resources/META-INF/millrace-plugin.properties"),
        "name=slow\nversion=1\napi=1\n");
    write(
        project.resolve("resources/META-INF/services/dev.millrace.platform.plugins.Plugin"),
        "slow.Slow\n");
    var folder = PluginBuilder.build(project, deployment.home());
    return deployment.with("PLUGINS_FOLDER", folder.toString());
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private static String create(Api api, Path mark) throws Exception {
    var body = JSON.createObjectNode().put("type", "slow:work");
    body.putObject("params").put("mark", mark.toString());
    return Layouts.createTask(api, body.toString());
  }

  private static String state(Api api, String id) throws Exception {
    return Layouts.task(api, id).path("state").asString();
  }
}
