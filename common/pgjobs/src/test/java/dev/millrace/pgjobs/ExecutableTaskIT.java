package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs as tasks. */
class ExecutableTaskIT {
  @TempDir private Path folder;
  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();

  @AfterEach
  void close() {
    t.close();
  }

  private void program(String file, String script) throws IOException {
    var path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Tasks tasks() {
    return Tasks.builder().addExecutables(folder).build();
  }

  @Test
  void executableFilesAreTasksNamedByTheirPaths() throws IOException {
    program("mail/send.sh", "true");
    program("plain", "true");
    program("plain.py", "true");
    program("not a name", "true");
    Files.writeString(folder.resolve("notes.txt"), "not executable");

    assertThat(tasks().names()).containsExactlyInAnyOrder("mail/send", "plain");
  }

  @Test
  void aProgramGetsThePayloadAndTheJobsFacts() throws Exception {
    var out = folder.resolve("out.txt");
    program(
        "note.sh",
        """
        cat > '%1$s'
        printf '\\n%%s|%%s|%%s|%%s|%%s|%%s|%%s|%%s' "$GRAPHILE_WORKER_PAYLOAD_FORMAT" \
        "$GRAPHILE_WORKER_TASK_IDENTIFIER" "$GRAPHILE_WORKER_JOB_ID" "$GRAPHILE_WORKER_JOB_KEY" \
        "$GRAPHILE_WORKER_JOB_ATTEMPTS" "$GRAPHILE_WORKER_JOB_MAX_ATTEMPTS" \
        "$GRAPHILE_WORKER_JOB_PRIORITY" "$GRAPHILE_WORKER_JOB_RUN_AT" >> '%1$s'
        """
            .formatted(out));
    var due = Instant.parse("2026-01-02T03:04:05Z");
    var job =
        jobs.add(
            NewJob.of("note", "{\"é\": [1, 2.50]}")
                .withJobKey("k'; exit 1; '")
                .withPriority(-3)
                .withMaxAttempts(7)
                .withRunAt(due));

    var summary = JobRunner.runOnce(jobs, tasks(), RunnerOptions.DEFAULT);

    assertThat(summary.completed()).isEqualTo(1);
    assertThat(out)
        .content()
        .isEqualTo(
            "{\"payload\":{\"é\": [1, 2.50]}}\njson|note|%d|k'; exit 1; '|1|7|-3|2026-01-02T03:04:05Z"
                .formatted(job.id()));
  }

  @Test
  void anExitCodeOtherThanZeroFailsTheJobWithTheLastLineOfItsErrors() throws Exception {
    program("fails.sh", "echo first >&2; echo 'no such customer' >&2; exit 3");
    jobs.add("fails", "{}");

    JobRunner.runOnce(jobs, tasks(), RunnerOptions.DEFAULT);

    assertThat(jobs.list(JobFilter.ALL).getFirst().lastError())
        .isEqualTo("fails.sh exited with 3: no such customer");
  }

  @Test
  void aProgramThatIgnoresItsInputOrFloodsItsOutputIsNoProblem() throws Exception {
    program("ignores.sh", "exit 0");
    program("floods.sh", "head -c 50000000 /dev/zero | tr '\\0' 'x'; exit 4");
    jobs.add("ignores", "\"" + "x".repeat(1_000_000) + "\"");
    jobs.add("floods", "{}");

    var summary = JobRunner.runOnce(jobs, tasks(), RunnerOptions.DEFAULT);

    assertThat(summary).isEqualTo(new RunSummary(1, 1));
    assertThat(jobs.list(JobFilter.ALL).getFirst().lastError())
        .isEqualTo("floods.sh exited with 4");
  }

  @Test
  void aProgramThatHangsIsEndedWithItsChildren() throws Exception {
    var pids = folder.resolve("pids");
    program("hangs.sh", "sleep 600 & echo $$ $! > '%s'; wait".formatted(pids));
    jobs.add("hangs", "{}");

    JobRunner.runOnce(
        jobs, tasks(), RunnerOptions.builder().jobTimeout(Duration.ofMillis(500)).build());

    assertThat(jobs.list(JobFilter.ALL).getFirst().lastError()).contains("500");
    for (var pid : Files.readString(pids).strip().split(" ", -1)) {
      await()
          .atMost(TestDatabase.LIMIT)
          .until(() -> ProcessHandle.of(Long.parseLong(pid)).map(h -> !h.isAlive()).orElse(true));
    }
  }
}
