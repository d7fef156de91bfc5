package dev.millrace.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.models.ModelRemap;
import dev.millrace.flows.script.ScriptLimits;
import dev.millrace.pgjobs.Compatibility;
import dev.millrace.platform.settings.ClusterSettings.Store;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every variable becomes, and what stands in for it when it is not set. */
class SettingsMappingTest {
  private static final String PEM =
      "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
  private static final String PEM_BASE64 =
      Base64.getEncoder().encodeToString(PEM.getBytes(StandardCharsets.UTF_8));

  /** A variable, a value that is not its default, where it goes, and what is there by default. */
  record Row(
      String name,
      String text,
      Function<Settings, @Nullable Object> component,
      Object expected,
      @Nullable Object byDefault) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(
        row("GRAPHILE_WORKER_SCHEMA", "bg", s -> s.jobs().schema(), "bg", "graphile_worker"),
        row(
            "JOBS_COMPATIBILITY",
            "0.16",
            s -> s.jobs().compatibility(),
            Compatibility.V0_16,
            Compatibility.V0_18),
        row("JOBS_CONCURRENCY", "3", s -> s.jobs().concurrency(), 3, 10),
        row(
            "JOBS_POLL_INTERVAL",
            "500",
            s -> s.jobs().pollInterval(),
            Duration.ofMillis(500),
            Duration.ofSeconds(2)),
        row(
            "JOBS_TIMEOUT",
            "5m",
            s -> s.jobs().timeout(),
            Duration.ofMinutes(5),
            Duration.ofHours(4)),
        row(
            "JOBS_TASK_FOLDER",
            "~/t",
            s -> s.jobs().taskFolder(),
            home("t"),
            home(".millrace/tasks")),
        row(
            "JOBS_TEMPLATE_FOLDER",
            "~/t",
            s -> s.jobs().templateFolder(),
            home("t"),
            home(".millrace/templates")),
        row("JOBS_CRONTAB", "~/c", s -> s.jobs().crontab(), home("c"), home(".millrace/crontab")),
        row(
            "PDF_RENDERER",
            "chromium",
            s -> s.jobs().pdfRenderer(),
            JobSettings.PdfRenderer.CHROMIUM,
            JobSettings.PdfRenderer.BUILTIN),
        row("CHROMIUM_PATH", "~/chrome", s -> s.jobs().chromium(), home("chrome"), null),
        row(
            "JOBS_FILE_RETENTION",
            "1d",
            s -> s.jobs().fileRetention(),
            Duration.ofDays(1),
            Duration.ofDays(7)),
        row("SMTP_HOST", "mail.example", s -> s.mail().host(), "mail.example", null),
        row("SMTP_PORT", "2525", s -> s.mail().port(), 2525, 465),
        row("SMTP_USER", "ann", s -> s.mail().user(), "ann", null),
        row("SMTP_PASSWORD", "s3", s -> s.mail().password(), new Secret("s3"), null),
        row("SMTP_SECURE", "false", s -> s.mail().secure(), false, true),
        row("ALLOW_UNAUTHORIZED_CERTS", "true", s -> s.mail().rejectUnauthorized(), false, true),
        row("SENDER_EMAIL", "a@b.example", s -> s.mail().sender(), "a@b.example", null),
        row("MODE", "queue", Settings::mode, Mode.QUEUE, Mode.MAIN),
        row("WORKER_MODE", "!,workflow:process", Settings::workerMode, "!,workflow:process", null),
        row("WORKER_MODE_STRICT", "true", Settings::workerModeStrict, true, false),
        row("CACHE_DEFAULT_STORE", "memory", s -> s.cluster().cache(), Store.MEMORY, Store.MEMORY),
        row("CACHE_MEMORY_MAX", "5", s -> s.cluster().cacheMax(), 5, 2000),
        row(
            "LOCK_ADAPTER_DEFAULT",
            "postgres",
            s -> s.cluster().locks(),
            Store.POSTGRES,
            Store.MEMORY),
        row("QUEUE_ADAPTER", "postgres", s -> s.cluster().events(), Store.POSTGRES, Store.MEMORY),
        row(
            "QUEUE_ADAPTER_RABBITMQ_URL",
            "amqp://u:p@h",
            s -> s.cluster().rabbitMqUrl(),
            new Secret("amqp://u:p@h"),
            null),
        row("ASYNC_TASK_MAX_CONCURRENCY", "0", s -> s.tasks().concurrency(), 0, 3),
        row(
            "ASYNC_TASK_RETENTION",
            "60",
            s -> s.tasks().retention(),
            Duration.ofSeconds(60),
            Duration.ofDays(1)),
        row("STORAGE_TYPE", "local", s -> s.storage().type(), "local", "local"),
        row("BLOB_STORAGE_PATH", "~/blobs", s -> s.storage().folder(), home("blobs"), null),
        row(
            "PLUGINS_FOLDER",
            "/srv/plugins",
            s -> s.plugins().folder(),
            Path.of("/srv/plugins"),
            Path.of("plugins").toAbsolutePath()),
        row("MILLRACE_HOME", "~/m", Settings::home, home("m"), home(".millrace")),
        row("PORT", "8080", s -> s.http().port(), 8080, 3000),
        row("HOST", "127.0.0.1", s -> s.http().host(), "127.0.0.1", "0.0.0.0"),
        row("WORKER_PORT", "0", s -> s.http().workerPort(), 0, 5566),
        row("FLOWISE_FILE_SIZE_LIMIT", "1.5MB", s -> s.http().bodyLimit(), 1_572_864L, 52_428_800L),
        row(
            "CORS_ORIGINS",
            "https://A.example, https://b.example",
            s -> s.http().corsOrigins(),
            List.of("https://a.example", "https://b.example"),
            List.of()),
        row("CORS_ALLOW_CREDENTIALS", "true", s -> s.http().corsAllowCredentials(), true, false),
        row("IFRAME_ORIGINS", "*", s -> s.http().iframeOrigins(), List.of("*"), List.of("'self'")),
        row(
            "APP_URL",
            "https://flows.example",
            s -> s.http().appUrl(),
            URI.create("https://flows.example"),
            null),
        row(
            "TRUST_PROXY",
            "2",
            s -> s.http().trustProxy(),
            new TrustProxy.Hops(2),
            new TrustProxy.Everyone()),
        row("QUEUE_NAME", "other", s -> s.queue().name(), "other", "flowise-queue"),
        row("WORKER_CONCURRENCY", "5", s -> s.queue().concurrency(), 5, 10_000),
        row(
            "QUEUE_REDIS_EVENT_STREAM_MAX_LEN",
            "1000",
            s -> s.queue().eventStreamMaxLen(),
            1000,
            10_000),
        row(
            "REMOVE_ON_AGE",
            "24",
            s -> s.queue().removeOnAge(),
            Duration.ofSeconds(24),
            Duration.ofDays(1)),
        row("REMOVE_ON_COUNT", "7", s -> s.queue().removeOnCount(), 7, 1000),
        row(
            "PREDICTION_TIMEOUT",
            "90",
            s -> s.queue().predictionTimeout(),
            Duration.ofSeconds(90),
            Duration.ofMinutes(5)),
        row(
            "SHUTDOWN_TIMEOUT",
            "0",
            s -> s.queue().shutdownTimeout(),
            Duration.ZERO,
            Duration.ofSeconds(30)),
        row(
            "WORKER_LOCK_DURATION",
            "30s",
            s -> s.queue().lockDuration(),
            Duration.ofSeconds(30),
            Duration.ofSeconds(3)),
        row(
            "WORKER_STALLED_INTERVAL",
            "2000",
            s -> s.queue().stalledInterval(),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1)),
        row("ENABLE_BULLMQ_DASHBOARD", "true", s -> s.dashboard().enabled(), true, false),
        row("DASHBOARD_VIEWER_KEY", "v", s -> s.dashboard().viewerKey(), new Secret("v"), null),
        row(
            "DASHBOARD_REDACT",
            "none",
            s -> s.dashboard().redact(),
            List.of(),
            List.of(
                "*password*",
                "*passwd*",
                "*secret*",
                "*apikey*",
                "*api_key*",
                "*api-key*",
                "authorization",
                "cookie")),
        row("REDIS_URL", "redis://cache:7000/3", s -> s.redis().database(), 3, 0),
        row("REDIS_HOST", "cache", s -> s.redis().host(), "cache", "localhost"),
        row("REDIS_PORT", "7000", s -> s.redis().port(), 7000, 6379),
        row("REDIS_USERNAME", "ann", s -> s.redis().username(), "ann", null),
        row("REDIS_PASSWORD", "pw", s -> s.redis().password(), new Secret("pw"), null),
        row("REDIS_TLS", "true", s -> s.redis().tls(), true, false),
        row("REDIS_CERT", PEM, s -> s.redis().cert(), PEM.strip(), null),
        row("REDIS_KEY", PEM_BASE64, s -> s.redis().key(), new Secret(PEM), null),
        row("REDIS_CA", PEM_BASE64, s -> s.redis().ca(), PEM, null),
        row(
            "REDIS_KEEP_ALIVE",
            "60000",
            s -> s.redis().keepAlive(),
            Duration.ofMinutes(1),
            Duration.ofSeconds(15)),
        row("DATABASE_TYPE", "postgres", s -> s.database().configured(), false, false),
        row("DATABASE_HOST", "db", s -> s.database().host(), "db", "localhost"),
        row("DATABASE_PORT", "6543", s -> s.database().port(), 6543, 5432),
        row("DATABASE_USER", "ann", s -> s.database().user(), "ann", ""),
        row("DATABASE_PASSWORD", "pw", s -> s.database().password(), new Secret("pw"), null),
        row("DATABASE_NAME", "flowise", s -> s.database().name(), "flowise", ""),
        row("DATABASE_SSL", "true", s -> s.database().ssl(), true, false),
        row("DATABASE_SSL_KEY_BASE64", PEM_BASE64, s -> s.database().sslCa(), PEM, null),
        row(
            "DATABASE_REJECT_UNAUTHORIZED",
            "true",
            s -> s.database().rejectUnauthorized(),
            true,
            false),
        row("CACHE_DEFAULT_STORE", "memory", s -> s.cluster().cache(), Store.MEMORY, Store.MEMORY),
        row("CACHE_MEMORY_MAX", "5", s -> s.cluster().cacheMax(), 5, 2_000),
        row(
            "LOCK_ADAPTER_DEFAULT",
            "postgres",
            s -> s.cluster().locks(),
            Store.POSTGRES,
            Store.MEMORY),
        row("QUEUE_ADAPTER", "postgres", s -> s.cluster().events(), Store.POSTGRES, Store.MEMORY),
        row(
            "QUEUE_ADAPTER_RABBITMQ_URL",
            "amqp://rabbit",
            s -> s.cluster().rabbitMqUrl(),
            new Secret("amqp://rabbit"),
            null),
        row("DATABASE_POOL_SIZE", "3", s -> s.database().poolSize(), 3, 10),
        row(
            "FLOWISE_SECRETKEY_OVERWRITE",
            "phrase",
            s -> s.secrets().keyOverwrite(),
            new Secret("phrase"),
            null),
        row(
            "SECRETKEY_PATH",
            "/root/.flowise",
            s -> s.secrets().keyFolder(),
            Path.of("/root/.flowise"),
            home(".millrace")),
        row("ADMIN_API_KEY", "key", s -> s.secrets().adminApiKey(), new Secret("key"), null),
        row("MAX_ITERATIONS", "50", s -> s.limits().maxIterations(), 50, 1000),
        row("MAX_LOOP_COUNT", "3", s -> s.limits().maxLoopCount(), 3, 10),
        row(
            "SANDBOX_TIMEOUT",
            "1000",
            s -> s.scripts().limits().wall(),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5)),
        row("FLOW_CONCURRENCY", "4", s -> s.limits().flowConcurrency(), 4, 16),
        row("FLOW_MAX_DEPTH", "7", s -> s.limits().flowMaxDepth(), 7, 5),
        row(
            "FLOW_DEADLINE",
            "90",
            s -> s.limits().flowDeadline(),
            Duration.ofSeconds(90),
            Duration.ZERO),
        row(
            "MIN_SCHEDULE_INTERVAL_SECONDS",
            "5",
            s -> s.limits().minScheduleInterval(),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1)),
        row(
            "SCRIPT_CPU_TIME",
            "500",
            s -> s.scripts().limits().cpu(),
            Duration.ofMillis(500),
            Duration.ofSeconds(10)),
        row("SCRIPT_STATEMENTS", "9", s -> s.scripts().limits().statements(), 9L, 0L),
        row("SCRIPT_RESULT_LIMIT", "1kb", s -> s.scripts().limits().resultChars(), 1024, 16 << 20),
        row(
            "SCRIPT_CONCURRENCY",
            "3",
            s -> s.scripts().limits().threads(),
            3,
            ScriptLimits.DEFAULT.threads()),
        row("SCRIPT_PROCESS_MEMORY", "128", s -> s.scripts().megabytes(), 128, 0),
        row(
            "TOOL_FUNCTION_BUILTIN_DEP",
            "crypto,node:fs",
            s -> s.scripts().missingModules(),
            List.of("node:fs"),
            List.of()),
        row(
            "TOOL_FUNCTION_EXTERNAL_DEP",
            "lodash,axios",
            s -> s.scripts().missingModules(),
            List.of("lodash"),
            List.of()),
        row("ALLOW_BUILTIN_DEP", "true", s -> s.scripts().manyModules(), true, false),
        habit(Compat.LAST_SCENARIO_FALLBACK, true),
        habit(Compat.LOOP_COUNT_MINUS_ONE, true),
        habit(Compat.HTTP_STATUS_IS_SUCCESS, true),
        habit(Compat.TOOL_ERROR_ABORTS, false),
        habit(Compat.UNRESOLVED_STAYS_LITERAL, true),
        habit(Compat.PREVIOUS_ANSWER_AS_USER, true),
        habit(Compat.SEQUENTIAL_BRANCHES, false),
        habit(Compat.EMPTY_ANSWER_IS_SPACE, true),
        habit(Compat.SYSTEM_MESSAGES_REVERSED, false),
        row("HTTP_SECURITY_CHECK", "false", s -> s.outbound().denyPrivate(), false, true),
        row(
            "HTTP_DENY_LIST",
            "evil.example,10.0.0.0/8",
            s -> s.outbound().deny(),
            List.of("evil.example", "10.0.0.0/8"),
            List.of()),
        row(
            "HTTP_ALLOW_LIST",
            "127.0.0.1",
            s -> s.outbound().allow(),
            List.of("127.0.0.1"),
            List.of()),
        row(
            "MODEL_REMAP",
            "{\"*\":{\"basepath\":\"http://x/v1\",\"key\":\"k\",\"model\":\"m\"}}",
            s -> s.models().remap(),
            Map.of("*", new ModelRemap("http://x/v1", "k", "m")),
            Map.of()),
        row(
            "HTTP_TIMEOUT",
            "9",
            s -> s.outbound().limits().total(),
            Duration.ofSeconds(9),
            Duration.ofMinutes(2)),
        row(
            "HTTP_CONNECT_TIMEOUT",
            "500ms",
            s -> s.outbound().limits().connect(),
            Duration.ofMillis(500),
            Duration.ofSeconds(10)),
        row(
            "HTTP_SILENCE_TIMEOUT",
            "5",
            s -> s.outbound().limits().silence(),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1)),
        row("HTTP_RESPONSE_LIMIT", "1kb", s -> s.outbound().limits().bodyBytes(), 1024L, 32L << 20),
        row("HTTP_MAX_REDIRECTS", "0", s -> s.outbound().limits().redirects(), 0, 5),
        row("CUSTOM_MCP_PROTOCOL", "stdio", s -> s.mcp().processes(), true, false),
        row(
            "CUSTOM_MCP_ALLOWED_COMMANDS",
            "uvx,node",
            s -> s.mcp().commands(),
            List.of("uvx", "node"),
            List.of("node", "npx", "python", "python3")),
        row("CUSTOM_MCP_SECURITY_CHECK", "false", s -> s.mcp().checked(), false, true),
        row("LOG_LEVEL", "verbose", s -> s.log().level(), LogLevel.DEBUG, LogLevel.INFO),
        row("LOG_FORMAT", "json", s -> s.log().format(), LogFormat.JSON, LogFormat.TEXT));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyVariableReachesItsComponent(Row row) {
    var env = new HashMap<>(Map.of("HOME", "/home/me", row.name(), row.text()));
    if (row.name().startsWith("DATABASE_") && !row.name().equals("DATABASE_TYPE")) {
      env.putIfAbsent("DATABASE_NAME", "n");
      env.putIfAbsent("DATABASE_USER", "u");
    }
    if (row.name().equals("QUEUE_ADAPTER_RABBITMQ_URL")) {
      env.put("QUEUE_ADAPTER", "rabbitmq");
    }
    if (row.name().equals("REDIS_CERT") || row.name().equals("REDIS_KEY")) {
      env.putIfAbsent("REDIS_CERT", PEM);
      env.putIfAbsent("REDIS_KEY", PEM);
    }

    var settings = Settings.load(new String[0], env, Path.of("none"));

    assertThat(row.component().apply(settings)).isEqualTo(row.expected());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyVariableHasItsDefault(Row row) {
    var settings = Settings.load(new String[0], Map.of("HOME", "/home/me"), Path.of("none"));

    assertThat(row.component().apply(settings)).isEqualTo(row.byDefault());
  }

  @Test
  void whatNodesShareFollowsTheMode() {
    var cluster = Settings.load(new String[] {"--MODE=queue"}, Map.of(), Path.of("none")).cluster();

    assertThat(cluster.cache()).isEqualTo(Store.REDIS);
    assertThat(cluster.locks()).isEqualTo(Store.REDIS);
    assertThat(cluster.events()).isEqualTo(Store.REDIS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--MODE=queue --LOCK_ADAPTER_DEFAULT=local",
        "--MODE=main --LOCK_ADAPTER_DEFAULT=redis",
        "--CACHE_DEFAULT_STORE=redis",
        "--QUEUE_ADAPTER=redis",
        "--QUEUE_ADAPTER=rabbitmq"
      })
  void refusesWhatCannotBeShared(String flags) {
    assertThatThrownBy(() -> Settings.load(flags.split(" ", -1), Map.of(), Path.of("none")))
        .isInstanceOf(SettingsException.class)
        .hasMessageMatching("(?s).*(LOCK_ADAPTER|CACHE_DEFAULT_STORE|QUEUE_ADAPTER).*");
  }

  @Test
  void refusesAStorageThatItCannotRead() {
    var flags = new String[] {"--STORAGE_TYPE=s3"};

    assertThatThrownBy(() -> Settings.load(flags, Map.of(), Path.of("none")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("STORAGE_TYPE")
        .hasMessageContaining("s3, gcs or azure cannot be read");
  }

  @Test
  void theTableAboveAndTheCatalogueHoldTheSameVariables() {
    var rows = rows().map(Row::name).collect(Collectors.toSet());

    assertThat(rows).isEqualTo(Catalogue.names());
  }

  private static Row habit(Compat habit, boolean byDefault) {
    return row(
        "COMPAT_" + habit.name(),
        Boolean.toString(!byDefault),
        s -> s.limits().compat().contains(habit),
        !byDefault,
        byDefault);
  }

  private static Row row(
      String name,
      String text,
      Function<Settings, @Nullable Object> component,
      Object expected,
      @Nullable Object byDefault) {
    return new Row(name, text, component, expected, byDefault);
  }

  private static Path home(String folder) {
    return Path.of("/home/me", folder);
  }
}
