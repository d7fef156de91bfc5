package dev.millrace.worker.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.jobs.BackgroundTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class TaskDiscoveryTest {

  /** A class without its line in META-INF/services would be a task that nobody finds. */
  @Test
  void everyClassOfThePackageIsFound() throws Exception {
    var folder =
        Path.of(Email.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("dev/millrace/worker/tasks");
    try (var classes = Files.list(folder)) {
      assertThat(ServiceLoader.load(BackgroundTask.class).stream())
          .extracting(provider -> provider.type().getSimpleName() + ".class")
          .containsExactlyInAnyOrderElementsOf(
              classes
                  .map(file -> String.valueOf(file.getFileName()))
                  .filter(name -> name.matches("[A-Z][A-Za-z]+\\.class"))
                  .toList());
    }
    assertThat(ServiceLoader.load(BackgroundTask.class))
        .extracting(BackgroundTask::name)
        .containsExactlyInAnyOrder("email", "pdf", "sendInvoice", "cleanJobFiles");
  }
}
