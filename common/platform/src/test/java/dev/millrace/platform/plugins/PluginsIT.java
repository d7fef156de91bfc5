package dev.millrace.platform.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cluster.ServiceSplit;
import dev.millrace.platform.cluster.ClusterServices;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.settings.Settings;
import dev.millrace.platform.tasks.TaskEvents;
import dev.millrace.platform.tasks.TaskTypes;
import dev.millrace.platform.tasks.Tasks;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class PluginsIT {
  private static final String NOTHING = "public void load(App app) {}";

  @TempDir Path temp;
  private Path folder = Path.of("unset");
  private PluginJars jars = new PluginJars(folder);
  private final Database database = TestDatabase.migrated();
  private ClusterServices cluster = cluster(folder);

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(temp.resolve("plugins"));
    jars = new PluginJars(folder);
    cluster.close();
    cluster = cluster(temp);
  }

  @AfterEach
  void close() {
    cluster.close();
    database.close();
  }

  private ClusterServices cluster(Path home) {
    var settings =
        Settings.load(
            new String[0], Map.of("MILLRACE_HOME", home.toString()), home.resolve("no.env"));
    return ClusterServices.open(settings, database, null);
  }

  private PluginHost host(String workerMode) {
    var events = new TaskEvents(cluster.pubSub());
    var tasks =
        new Tasks(
            database,
            new TaskTypes(),
            events,
            cluster.events(),
            cluster.pubSub(),
            JsonMapper.shared());
    return new PluginHost(
        ServiceSplit.parse(workerMode),
        cluster,
        database,
        tasks,
        new SimpleMeterRegistry(),
        Map.of("PLUGIN_GOOD_SIZE", "42"));
  }

  private Plugins load(String workerMode) throws InterruptedException {
    var plugins = Plugins.find(folder, Duration.ofSeconds(10));
    plugins.load(host(workerMode));
    return plugins;
  }

  private static String answer(Plugins plugins, String plugin, String path) throws Exception {
    var match = plugins.route(plugin, "GET", path).orElseThrow();
    var request =
        new PluginRoutes.Request("GET", path, match.parameters(), Map.of(), new byte[0], "w");
    return new String(match.handler().handle(request).body(), StandardCharsets.UTF_8);
  }

  @Test
  void aPluginHasALifeAndGivesTheNodeWhatItAdds() throws Exception {
    jars.described("good", "good:process")
        .write(
            "good.jar",
            """
            public void load(App app) {
              this.app = app;
              app.routes().add("GET", "/state/{id}", request ->
                  PluginRoutes.Response.json(Json.object()
                      .put("id", request.parameters().get("id"))
                      .put("size", app.setting("SIZE").orElse(""))
                      .put("serves", app.serving("good:process"))
                      .put("life", life)));
              app.node("hello", context -> new NodeOutcome.Done(
                  new NodeOutcome.Result(Json.object(), Json.object().put("content", "hello"))));
            }
            String life = "loaded";
            public void start() { life = "started"; }
            """);

    try (var plugins = load("!,good:process")) {
      assertThat(plugins.problems()).isEmpty();
      assertThat(plugins.serviceKeys()).containsExactly("good:process");
      assertThat(plugins.nodes()).containsOnlyKeys("good.hello");
      assertThat(answer(plugins, "good", "/state/7"))
          .isEqualTo("{\"id\":\"7\",\"size\":\"42\",\"serves\":true,\"life\":\"loaded\"}");
      plugins.start();
      assertThat(answer(plugins, "good", "/state/7")).contains("\"life\":\"started\"");
      assertThat(plugins.route("good", "POST", "/state/7")).isEmpty();
      assertThat(plugins.route("other", "GET", "/state/7")).isEmpty();
    }
  }

  @Test
  void hasTablesInASchemaOfItsOwn() throws Exception {
    jars.described("with-tables", "")
        .with("db/migration/V1__first.sql", "CREATE TABLE note (text text NOT NULL);")
        .write(
            "tables.jar",
            """
            public void load(App app) {
              var db = app.database();
              db.inTransaction((handle, transaction) ->
                  handle.execute("INSERT INTO note VALUES ('kept')"));
              app.routes().add("GET", "/", request -> {
                Long count = db.inTransaction((handle, transaction) -> handle.createQuery(
                    "SELECT count(*) FROM note").mapTo(Long.class).one());
                return PluginRoutes.Response.json(
                    Json.object().put("schema", db.schema()).put("count", count));
              });
            }
            """);

    try (var plugins = load("")) {
      assertThat(plugins.problems()).isEmpty();
      assertThat(answer(plugins, "with-tables", "/"))
          .isEqualTo("{\"schema\":\"plugin_with_tables\",\"count\":1}");
    }
    // A second process finds the schema as it is.
    try (var plugins = load("")) {
      assertThat(answer(plugins, "with-tables", "/")).contains("\"count\":2");
    }
  }

  @Test
  void leavesOutWhatCannotBeUsedAndSaysWhy() throws Exception {
    jars.described("good", "").write("a-good.jar", NOTHING);
    jars.described("good", "").write("b-same-name.jar", NOTHING);
    jars.described("greedy", "workflow:process").write("c-conflicting-key.jar", NOTHING);
    jars.described("thrower", "")
        .write(
            "d-throws.jar",
            "public void load(App app) { throw new IllegalStateException(\"no licence\"); }");
    jars.described("linker", "")
        .write(
            "e-error.jar", "public void load(App app) { throw new NoSuchMethodError(\"gone\"); }");
    jars.with(PluginDescriptor.FILE, "name=old\nversion=1\napi=99\n").write("f-api.jar", NOTHING);
    jars.with(PluginDescriptor.FILE, "name=Bad Name\nversion=1\napi=1\n")
        .write("g-name.jar", NOTHING);
    jars.write("h-no-descriptor.jar", NOTHING);
    Files.writeString(folder.resolve("i-no-jar.jar"), "this is no zip file");

    try (var plugins = load("")) {
      plugins.start();
      assertThat(plugins.descriptors()).extracting(PluginDescriptor::name).containsExactly("good");
      assertThat(plugins.problems().stream().map(p -> p.plugin() + ": " + p.message()))
          .satisfiesExactlyInAnyOrder(
              text -> assertThat(text).contains("b-same-name.jar", "the name good is taken"),
              text -> assertThat(text).contains("c-conflicting-key.jar", "workflow:process"),
              text -> assertThat(text).contains("thrower", "no licence"),
              text -> assertThat(text).contains("linker", "gone"),
              text -> assertThat(text).contains("f-api.jar", "version 99"),
              text -> assertThat(text).contains("g-name.jar", "Bad Name"),
              text -> assertThat(text).contains("h-no-descriptor.jar", PluginDescriptor.FILE),
              text -> assertThat(text).contains("i-no-jar.jar", "cannot be read"));
    }
  }

  @Test
  void doesNotWaitForOneThatHangs() throws Exception {
    jars.described("hanger", "")
        .write(
            "hangs.jar",
            "public void load(App app) throws Exception { new java.util.concurrent"
                + ".CountDownLatch(1).await(); }");
    var plugins = Plugins.find(folder, Duration.ofMillis(300));

    plugins.load(host(""));

    assertThat(plugins.problems())
        .singleElement()
        .extracting(Plugins.Problem::message)
        .asString()
        .contains("took longer than");
  }

  @Test
  void leavesOutOneThatDoesNotStart() throws Exception {
    jars.described("starter", "")
        .write(
            "starter.jar",
            """
            public void load(App app) {
              app.routes().add("GET", "/", request -> PluginRoutes.Response.json(Json.object()));
            }
            public void start() { throw new IllegalStateException("port taken"); }
            """);

    try (var plugins = load("")) {
      assertThat(plugins.route("starter", "GET", "/")).isPresent();
      plugins.start();
      assertThat(plugins.route("starter", "GET", "/")).isEmpty();
      assertThat(plugins.problems()).singleElement().asString().contains("port taken");
    }
  }

  /** It sees the interface, and of what Millrace is made of nothing else. */
  @Test
  void doesNotSeeTheLibrariesOfMillrace() throws Exception {
    jars.described("curious", "")
        .write(
            "curious.jar",
            """
            public void load(App app) {
              app.routes().add("GET", "/", request -> {
                var seen = Json.object();
                for (var name : java.util.List.of("dev.millrace.platform.plugins.App",
                    "org.jdbi.v3.core.Handle", "io.lettuce.core.RedisClient",
                    "com.zaxxer.hikari.HikariDataSource",
                    "dev.millrace.platform.secrets.CredentialCipher")) {
                  try {
                    Class.forName(name, false, Main.class.getClassLoader());
                    seen.put(name, true);
                  } catch (ClassNotFoundException e) {
                    seen.put(name, false);
                  }
                }
                return PluginRoutes.Response.json(seen);
              });
            }
            """);

    try (var plugins = load("")) {
      assertThat(answer(plugins, "curious", "/"))
          .contains("\"dev.millrace.platform.plugins.App\":true")
          .contains("\"org.jdbi.v3.core.Handle\":true")
          .contains("\"io.lettuce.core.RedisClient\":false")
          .contains("\"com.zaxxer.hikari.HikariDataSource\":false")
          .contains("\"dev.millrace.platform.secrets.CredentialCipher\":false");
    }
  }
}
