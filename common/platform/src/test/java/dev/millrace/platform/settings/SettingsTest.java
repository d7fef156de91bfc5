package dev.millrace.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @TempDir Path folder;

  @Test
  void aFlagBeatsTheEnvironmentWhichBeatsTheFileWhichBeatsTheDefault() throws IOException {
    var file = Files.writeString(folder.resolve(".env"), "PORT=1\nWORKER_PORT=1\nREDIS_PORT=1\n");
    var env = Map.of("PORT", "2", "WORKER_PORT", "2");

    var settings = Settings.load(new String[] {"--PORT=3"}, env, file);

    assertThat(settings.http().port()).isEqualTo(3);
    assertThat(settings.http().workerPort()).isEqualTo(2);
    assertThat(settings.redis().port()).isEqualTo(1);
    assertThat(settings.database().port()).isEqualTo(5432);
  }

  @Test
  void aBlankValueIsNoneAndTheNextLayerDecides() throws IOException {
    var file = Files.writeString(folder.resolve(".env"), "PORT=4000\n");

    var settings = Settings.load(new String[] {"--PORT="}, Map.of("PORT", " "), file);

    assertThat(settings.http().port()).isEqualTo(4000);
  }

  @Test
  void anEmptyWorkerModeIsToldFromNone() {
    assertThat(load("WORKER_MODE=").workerMode()).isEmpty();
    assertThat(load().workerMode()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MODE                     | QUEUE            | main or queue
          PORT                     | 70000            | 0 to 65535
          PORT                     | 3000x            | 0 to 65535
          WORKER_CONCURRENCY       | 0                | 1 to 1000000
          FLOWISE_FILE_SIZE_LIMIT  | much             | 50mb
          CORS_ALLOW_CREDENTIALS   | yes              | true
          APP_URL                  | flows.example    | absolute URL
          TRUST_PROXY              | sure;            | CIDR
          QUEUE_NAME               | a:b              | without a colon
          REMOVE_ON_AGE            | -2               | -1 (no limit)
          REMOVE_ON_AGE            | 99999999999999d  | 24h
          PREDICTION_TIMEOUT       | 0                | at least
          WORKER_LOCK_DURATION     | 5 parsecs        | (in ms)
          REDIS_TLS                | 1                | true
          DATABASE_TYPE            | sqlite           | embedded PostgreSQL
          DATABASE_TYPE            | mysql            | embedded PostgreSQL
          LOG_LEVEL                | loud             | debug
          LOG_FORMAT               | xml              | json
          """)
  void aValueThatIsNotAcceptedIsNamedWithWhatIs(String name, String value, String accepted) {
    assertThatThrownBy(() -> load(name + "=" + value))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(name + " is \"" + value + "\" (environment)")
        .hasMessageContaining(accepted);
  }

  @Test
  void allProblemsAreToldAtOnce() {
    assertThatThrownBy(() -> load("PORT=x", "MODE=both", "LOG_LEVEL=loud"))
        .isInstanceOfSatisfying(
            SettingsException.class,
            e ->
                assertThat(e.problems())
                    .extracting(SettingsException.Problem::variable)
                    .containsExactly("MODE", "PORT", "LOG_LEVEL"))
        .hasMessageStartingWith("3 settings are wrong:\n  MODE is");
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS_URL, redis://:s3cret@",
    "REDIS_URL, http://:s3cret@cache",
    "REDIS_KEY, s3cret",
    "DATABASE_SSL_KEY_BASE64, s3cret"
  })
  void aSecretIsMaskedInTheMessage(String name, String value) {
    assertThatThrownBy(() -> load(name + "=" + value))
        .hasMessageContaining(name + " is \"***\"")
        .message()
        .doesNotContain("s3cret");
  }

  @Test
  void printingTheSettingsShowsNoSecret() {
    var settings =
        load(
            "REDIS_URL=redis://ann:s3cret@cache",
            "DATABASE_NAME=n",
            "DATABASE_USER=u",
            "DATABASE_PASSWORD=s3cret",
            "FLOWISE_SECRETKEY_OVERWRITE=s3cret",
            "ADMIN_API_KEY=s3cret");

    assertThat(settings.toString()).doesNotContain("s3cret").contains("***");
  }

  @ParameterizedTest
  @CsvSource({
    "--PROT=1, --PROT is not known; accepted: --PORT",
    "--worker-concurency=5, --worker-concurency is not known; accepted: --WORKER_CONCURRENCY",
    "--COLOUR=red, --COLOUR is not known; accepted: the names that --help lists",
    "start, start is not a flag; accepted: --NAME=value",
    "--PORT, --PORT is not a flag; accepted: --NAME=value"
  })
  void anUnknownFlagIsNamedWithTheNearestKnownOne(String flag, String message) {
    assertThatThrownBy(() -> Settings.load(new String[] {flag}, Map.of(), folder.resolve("none")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(message);
  }

  @Test
  void nothingSaidAboutAStoreLeavesItToBeEmbedded() {
    var settings = load("DATABASE_TYPE=postgres", "DATABASE_POOL_SIZE=5", "REDIS_KEEP_ALIVE=1000");

    assertThat(settings.database().configured()).isFalse();
    assertThat(settings.redis().configured()).isFalse();
  }

  @Test
  void aNamedDatabaseServerNeedsRoleAndDatabase() {
    assertThatThrownBy(() -> load("DATABASE_HOST=db"))
        .hasMessageContaining("DATABASE_USER is missing")
        .hasMessageContaining("DATABASE_NAME is missing");
  }

  @Test
  void everyOriginMayCallButThenWithoutCookies() {
    var settings = load("CORS_ORIGINS=*", "CORS_ALLOW_CREDENTIALS=true");

    assertThat(settings.http().corsAllowCredentials()).isFalse();
  }

  @Test
  void finishedJobsMayBeKeptForEverOnRequest() {
    var queue = load("REMOVE_ON_AGE=-1", "REMOVE_ON_COUNT=-1").queue();

    assertThat(queue.removeOnAge()).isNull();
    assertThat(queue.removeOnCount()).isNull();
  }

  @Test
  void theSampleOfTheManualIsAccepted() {
    var settings =
        load(
            "PORT=3000",
            "WORKER_PORT=5566",
            "MODE=queue",
            "QUEUE_NAME=flowise-queue",
            "REDIS_URL=redis://redis:6379",
            "WORKER_CONCURRENCY=5",
            "REMOVE_ON_AGE=24",
            "REMOVE_ON_COUNT=1000",
            "QUEUE_REDIS_EVENT_STREAM_MAX_LEN=1000",
            "ENABLE_BULLMQ_DASHBOARD=false",
            "DATABASE_PATH=/root/.flowise",
            "SECRETKEY_PATH=/root/.flowise");

    assertThat(settings.mode()).isEqualTo(Mode.QUEUE);
    assertThat(settings.redis().host()).isEqualTo("redis");
    assertThat(settings.secrets().keyFolder()).isEqualTo(Path.of("/root/.flowise"));
  }

  /** Loads from an environment of {@code NAME=value} pairs. */
  private Settings load(String... env) {
    var map = new HashMap<String, String>();
    Arrays.stream(env).map(pair -> pair.split("=", 2)).forEach(p -> map.put(p[0], p[1]));
    return Settings.load(new String[0], map, folder.resolve("none"));
  }
}
