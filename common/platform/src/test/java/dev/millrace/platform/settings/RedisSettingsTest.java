package dev.millrace.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisSettingsTest {
  private static final String PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----";

  @TempDir Path folder;

  @Test
  void theUrlIsTakenApart() {
    var redis = load(Map.of("REDIS_URL", "rediss://ann:p%40ss+w%C3%B6rd@[::1]:7000/2"));

    assertThat(redis.tls()).isTrue();
    assertThat(redis.host()).isEqualTo("::1");
    assertThat(redis.port()).isEqualTo(7000);
    assertThat(redis.database()).isEqualTo(2);
    assertThat(redis.username()).isEqualTo("ann");
    assertThat(redis.password()).isEqualTo(new Secret("p@ss+wörd"));
  }

  @Test
  void theUrlWinsOverItsParts() {
    var redis =
        load(
            Map.of(
                "REDIS_URL", "redis://:pw@cache",
                "REDIS_HOST", "other",
                "REDIS_PORT", "1",
                "REDIS_USERNAME", "bob",
                "REDIS_PASSWORD", "other"));

    assertThat(redis.host()).isEqualTo("cache");
    assertThat(redis.port()).isEqualTo(6379);
    assertThat(redis.username()).isNull();
    assertThat(redis.password()).isEqualTo(new Secret("pw"));
  }

  @Test
  void tlsCanBeAskedForBesideAPlainUrl() {
    assertThat(load(Map.of("REDIS_URL", "redis://cache", "REDIS_TLS", "true")).tls()).isTrue();
  }

  @Test
  void certificatesMayBeFilesOrTextOrBase64() throws IOException {
    var file = Files.writeString(folder.resolve("ca.pem"), PEM);

    assertThat(load(Map.of("REDIS_CA", file.toString())).ca()).isEqualTo(PEM);
    assertThat(load(Map.of("REDIS_CA", PEM.replace("\n", "\\n"))).ca()).isEqualTo(PEM);
  }

  @Test
  void aCertificateFileThatIsMissingIsAnError() {
    assertThatThrownBy(() -> load(Map.of("REDIS_CA", "/nowhere/ca.pem")))
        .hasMessageContaining("REDIS_CA is")
        .hasMessageContaining("the path of a PEM file, PEM text, or base64 of PEM text");
  }

  @Test
  void certificateAndKeyNeedEachOther() {
    assertThatThrownBy(() -> load(Map.of("REDIS_CERT", PEM)))
        .hasMessageContaining("REDIS_KEY is missing, though REDIS_CERT is set");
  }

  private RedisSettings load(Map<String, String> env) {
    return Settings.load(new String[0], env, folder.resolve("none")).redis();
  }
}
