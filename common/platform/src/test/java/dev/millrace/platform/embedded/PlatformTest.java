package dev.millrace.platform.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-amd64",
    "Linux, aarch64, linux-arm64",
    "Mac OS X, x86_64, darwin-amd64",
    "Mac OS X, aarch64, darwin-arm64"
  })
  void knowsWhereServersAreBundledFor(String system, String processor, String slug) {
    var platform = Platform.of(system, processor);

    assertThat(platform.slug()).isEqualTo(slug);
    assertThat(getClass().getClassLoader().getResource(platform.redisProgram())).isNotNull();
  }

  @Test
  void thisMachinesPostgresIsBundled() {
    var archive = Platform.current().postgresArchive();

    assertThat(getClass().getClassLoader().getResource(archive)).isNotNull();
  }

  @Test
  void elsewhereTheMessageSaysWhatToDo() {
    assertThatThrownBy(() -> Platform.of("Windows 11", "amd64"))
        .isInstanceOf(EmbeddedStoreException.class)
        .hasMessageContaining("Windows 11 on amd64")
        .hasMessageContaining("DATABASE_HOST");
  }
}
