package dev.millrace.platform.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostmasterFileTest {
  @TempDir Path data;

  @Test
  void isRemovedWhenAnotherProgramHasItsNumber() throws IOException {
    var file =
        Files.writeString(data.resolve("postmaster.pid"), ProcessHandle.current().pid() + "\n");

    PostmasterFile.in(data).removeIfForeign();

    assertThat(file).doesNotExist();
  }

  @Test
  void isLeftToPostgresWhenNobodyHasItsNumber() throws IOException {
    var file = Files.writeString(data.resolve("postmaster.pid"), "999999999\n");

    PostmasterFile.in(data).removeIfForeign();

    assertThat(file).exists();
  }

  @Test
  void mayBeMissingOrHalfWritten() throws IOException {
    PostmasterFile.in(data).removeIfForeign();
    Files.writeString(data.resolve("postmaster.pid"), "");
    PostmasterFile.in(data).removeIfForeign();

    assertThat(data.resolve("postmaster.pid")).exists();
  }
}
