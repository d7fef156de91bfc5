package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A fleet of Node and Java on one queue, with the bullmq that Flowise pins. */
class NodeInteropIT {
  private static final Path FOLDER = Path.of("interop").toAbsolutePath();

  @Test
  void nodeServersUseOurWorkersAndNodeWorkersServeOurServer() throws Exception {
    assumeTrue(succeeds(List.of("node", "--version")), "needs Node");
    assumeTrue(
        Files.isDirectory(FOLDER.resolve("node_modules/bullmq"))
            || succeeds(List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")),
        "needs the packages of e2e/interop, which npm ci could not fetch");
    try (var deployment = new Deployment("queue")) {
      var api = deployment.startServer();
      var worker = deployment.startWorker();
      var data = Flows.reply("pong {{ question }}").toString();
      var flow = api.createFlow(data);
      var node =
          new ProcessBuilder("node", "--test", "--test-force-exit", "prediction.test.mjs")
              .directory(FOLDER.toFile())
              .redirectErrorStream(true);
      var env = node.environment();
      env.put("REDIS_PORT", Integer.toString(deployment.redis().port()));
      env.put("QUEUE", "flowise-queue-prediction");
      env.put("SERVER", "http://127.0.0.1:" + api.server().port());
      env.put("FLOW", flow);
      env.put("FLOW_DATA", data);
      env.put("WORKER_PID", Long.toString(worker.pid()));
      var process = node.start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output).isTrue();
      assertThat(process.exitValue()).as(output + deployment.logs()).isZero();
    }
  }

  private static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      var process =
          new ProcessBuilder(command)
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(3, TimeUnit.MINUTES) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
