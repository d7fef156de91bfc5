package dev.millrace.platform.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedProcessTest {
  @TempDir Path folder;

  @Test
  void closingSendsTheSignalAndWaitsForTheEnd() throws IOException {
    var script = "trap 'echo stopped; exit 3' USR1; echo up; while :; do sleep 0.05; done";
    var process = start("USR1", "sh", "-c", script);
    awaitOutput("up");

    process.close();

    assertThat(process.isAlive()).isFalse();
    assertThat(process.awaitExit(Duration.ZERO)).hasValue(3);
    assertThat(output()).contains("stopped");
  }

  @Test
  void anExitCodeIsPassedOn() throws IOException {
    try (var process = start("TERM", "sh", "-c", "exit 7")) {
      assertThat(process.awaitExit(Duration.ofSeconds(10))).hasValue(7);
    }
  }

  @Test
  void closingTwiceAndAfterTheEndDoesNothing() throws IOException {
    var process = start("TERM", "true");
    assertThat(process.awaitExit(Duration.ofSeconds(10))).hasValue(0);

    process.close();
    process.close();
  }

  @Test
  void nothingOfTheGuardStays() throws IOException {
    var process = start("TERM", "sleep", "1000");
    await().until(() -> process.program("sleep").isPresent());
    var family = process.guard().descendants().toList();

    process.close();

    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
  }

  private GuardedProcess start(String signal, String... command) throws IOException {
    return GuardedProcess.start(List.of(command), signal, folder.resolve("log"));
  }

  private void awaitOutput(String text) {
    await().atMost(Duration.ofSeconds(10)).until(() -> output().contains(text));
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("log"));
  }
}
