package dev.millrace.platform.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL for root, in the ways that {@link UnprivilegedUser} knows. */
class UnprivilegedUserIT {
  @TempDir Path folder;

  @BeforeEach
  void requireRoot() {
    Assumptions.assumeTrue(
        UnprivilegedUser.choose() == UnprivilegedUser.NAMESPACE,
        "needs root, and a kernel that lets root hide in a user namespace");
  }

  @Test
  void anotherUserTakesOverTheDataAndGivesItBack() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    var home = folder.resolve("home");

    startAndStop(home, UnprivilegedUser.NOBODY);
    assertThat(owner(home)).isEqualTo("nobody");

    startAndStop(home, UnprivilegedUser.NAMESPACE);
    assertThat(owner(home)).isEqualTo("root");
  }

  @Test
  void aFolderThatTheOtherUserCannotReachIsNamed() {
    assertThatThrownBy(() -> startAndStop(folder.resolve("home"), UnprivilegedUser.NOBODY))
        .isInstanceOf(EmbeddedStoreException.class)
        .hasMessageContaining(
            "user nobody cannot reach " + folder.resolve("home/embedded/postgres"))
        .hasMessageContaining("MILLRACE_HOME");
  }

  private static void startAndStop(Path home, UnprivilegedUser user) {
    var files = StoreFiles.of(home, "postgres");
    var programs = new Programs(home, Platform.current());
    var program = new PostgresProgram(files.data(), files.log(), programs, user);
    try (var store = EmbeddedStore.start(program, files).orElseThrow()) {
      assertThat(Ports.isFree(store.port())).isFalse();
    }
  }

  private static String owner(Path home) throws IOException {
    return Files.getOwner(home.resolve("embedded/postgres/data/PG_VERSION")).getName();
  }
}
