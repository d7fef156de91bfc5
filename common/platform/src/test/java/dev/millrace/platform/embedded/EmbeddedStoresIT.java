package dev.millrace.platform.embedded;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.platform.redis.RedisTarget;
import dev.millrace.platform.settings.DatabaseSettings;
import dev.millrace.platform.settings.Secret;
import dev.millrace.platform.settings.Settings;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStoresIT {
  private static final ClientResources RESOURCES =
      DefaultClientResources.builder().ioThreadPoolSize(2).build();

  @TempDir Path home;

  @TempDir static Path unpacked;

  /** Unpacking once is enough; all else each test does anew. */
  @BeforeEach
  void sharePrograms() throws IOException {
    Files.createSymbolicLink(home.resolve("bin"), unpacked);
  }

  @AfterAll
  static void shutDown() {
    RESOURCES.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  @Test
  void dataPortsAndPasswordsSurviveARestart() throws Exception {
    var settings = queueSettings();
    StoreAddresses first;
    try (var stores = EmbeddedStores.startOrJoin(settings)) {
      first = stores.addresses();
      sql(first.database(), "CREATE TABLE kept (n int)");
      assertThat(redis(first, "set", "kept", "1")).isEqualTo("OK");
    }
    assertThat(EmbeddedStores.find(settings)).isEmpty();

    var begun = System.nanoTime();
    try (var stores = EmbeddedStores.startOrJoin(settings)) {
      var millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
      System.out.println("restart of both embedded stores: " + millis + " ms");

      assertThat(stores.addresses()).isEqualTo(first);
      sql(first.database(), "INSERT INTO kept VALUES (1)");
      assertThat(redis(first, "get", "kept", "")).isEqualTo("1");
      assertThat(query(first.database(), "SHOW fsync")).isEqualTo("on");
      assertThat(query(first.database(), "SHOW server_encoding")).isEqualTo("UTF8");
      assertThat(query(first.database(), "SHOW server_version"))
          .isEqualTo(Programs.POSTGRES_VERSION);
    }
  }

  @Test
  void nobodyGetsInWithoutThePasswordAndOnlyTheOwnerReadsIt() throws Exception {
    try (var stores = EmbeddedStores.startOrJoin(queueSettings())) {
      var database = stores.addresses().database();
      var redis = requireNonNull(stores.addresses().redis());

      assertThatThrownBy(() -> connect(database, "wrong").close())
          .hasMessageContaining("password authentication failed");
      assertThat(RedisProbe.answers(redis.host(), redis.port(), null)).isFalse();
      assertThat(RedisProbe.answers(redis.host(), redis.port(), new Secret("wrong"))).isFalse();
    }
    var secret = new Secret(Files.readString(home.resolve("embedded/redis/redis.conf")));
    assertThat(secret.reveal()).contains("requirepass");
    for (var file : new String[] {"postgres.json", "redis.json", "redis/redis.conf"}) {
      assertThat(mode(home.resolve("embedded").resolve(file))).isEqualTo("rw-------");
    }
    assertThat(mode(home.resolve("embedded/postgres/data"))).isEqualTo("rwx------");
  }

  @Test
  void aKilledOwnerLeavesNothingThatBlocksTheNext() throws Exception {
    var settings = queueSettings();
    var owner = StoreOwner.start(home);
    var addresses = EmbeddedStores.await(settings, Duration.ofSeconds(5));
    sql(addresses.database(), "CREATE TABLE kept (n int)");

    owner.kill();

    assertThat(EmbeddedStores.find(settings)).isEmpty();
    try (var stores = EmbeddedStores.startOrJoin(settings)) {
      assertThat(stores.addresses()).isEqualTo(addresses);
      sql(addresses.database(), "INSERT INTO kept VALUES (1)");
    }
  }

  @Test
  void aKilledOwnersStoresStop() throws Exception {
    var owner = StoreOwner.start(home);
    var addresses = EmbeddedStores.find(queueSettings()).orElseThrow();

    owner.kill();

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            Ports.isFree(addresses.database().port())
                && Ports.isFree(requireNonNull(addresses.redis()).port()));
  }

  @Test
  void whatACrashOfEverythingLeavesIsRecovered() throws Exception {
    var settings = queueSettings();
    var owner = StoreOwner.start(home);
    var addresses = EmbeddedStores.find(settings).orElseThrow();
    sql(addresses.database(), "CREATE TABLE kept (n int)");
    for (var name : new String[] {"postgres", "redis"}) {
      var record = StoreRecord.read(home.resolve("embedded/" + name + ".json")).orElseThrow();
      // Newest first, so that no guard sees its store end and no owner starts it again.
      owner.kill();
      record.processes().reversed().stream()
          .flatMap(running -> running.find().stream())
          .forEach(ProcessHandle::destroyForcibly);
    }
    Files.createDirectory(home.resolve("embedded/postgres/data.new-half"));
    Files.writeString(
        home.resolve("embedded/postgres/data/postmaster.pid"),
        ProcessHandle.current().pid() + "\n");

    try (var stores = EmbeddedStores.startOrJoin(settings)) {
      sql(stores.addresses().database(), "INSERT INTO kept VALUES (1)");
    }
  }

  @Test
  void severalThatStartAtOnceShareOneSetOfStores() throws Exception {
    var settings = queueSettings();
    try (var one = StoreOwner.launch(home);
        var two = StoreOwner.launch(home);
        var here = EmbeddedStores.startOrJoin(settings)) {
      one.awaitReady();
      two.awaitReady();

      assertThat(EmbeddedStores.find(settings)).contains(here.addresses());
      sql(here.addresses().database(), "SELECT 1");
    }
  }

  @Test
  void aStoreThatEndsByItselfIsStartedAgain() throws Exception {
    try (var stores = EmbeddedStores.startOrJoin(queueSettings())) {
      var addresses = stores.addresses();
      sql(addresses.database(), "CREATE TABLE kept (n int)");
      for (var name : new String[] {"postgres", "redis"}) {
        var record = StoreRecord.read(home.resolve("embedded/" + name + ".json")).orElseThrow();
        record.processes().getLast().find().orElseThrow().destroyForcibly();
      }

      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(() -> sql(addresses.database(), "INSERT INTO kept VALUES (1)"));
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(redis(addresses, "set", "a", "1")).isEqualTo("OK"));
    }
  }

  @Test
  void aPortThatWasTakenMeanwhileIsLeftForAnother() throws Exception {
    var settings = mainSettings();
    int before;
    try (var stores = EmbeddedStores.startOrJoin(settings)) {
      before = stores.addresses().database().port();
    }
    try (var taken = new ServerSocket(before, 1, InetAddress.getByName("127.0.0.1"));
        var stores = EmbeddedStores.startOrJoin(settings)) {
      assertThat(stores.addresses().database().port()).isNotEqualTo(taken.getLocalPort());
      sql(stores.addresses().database(), "SELECT 1");
    }
  }

  @Test
  void aLostRecordGetsANewPassword() throws Exception {
    var settings = mainSettings();
    EmbeddedStores.startOrJoin(settings).close();
    Files.delete(home.resolve("embedded/postgres.json"));

    try (var stores = EmbeddedStores.startOrJoin(settings)) {
      sql(stores.addresses().database(), "SELECT 1");
    }
  }

  @Test
  void mainModeNeedsNoRedis() throws Exception {
    try (var stores = EmbeddedStores.startOrJoin(mainSettings())) {
      assertThat(stores.addresses().redis()).isNull();
      assertThat(home.resolve("embedded/redis")).doesNotExist();
    }
  }

  @Test
  void configuredStoresAreTakenAsTheyAre() {
    var settings =
        load(
            "--MODE=queue",
            "--DATABASE_HOST=db",
            "--DATABASE_NAME=n",
            "--DATABASE_USER=u",
            "--REDIS_HOST=cache");

    try (var stores = EmbeddedStores.startOrJoin(settings)) {
      assertThat(stores.addresses())
          .isEqualTo(new StoreAddresses(settings.database(), settings.redis()));
    }
    assertThat(home.resolve("embedded")).doesNotExist();
  }

  @Test
  void aWorkerWithoutAServerIsToldWhatToDo() {
    assertThatThrownBy(() -> EmbeddedStores.await(mainSettings(), Duration.ofMillis(100)))
        .isInstanceOf(EmbeddedStoreException.class)
        .hasMessageContaining(home.toString())
        .hasMessageContaining("MILLRACE_HOME");
  }

  private Settings mainSettings() {
    return load();
  }

  private Settings queueSettings() {
    return StoreOwner.queueMode(home);
  }

  private Settings load(String... flags) {
    return Settings.load(flags, Map.of("MILLRACE_HOME", home.toString()), home.resolve("none"));
  }

  private static String redis(StoreAddresses addresses, String command, String key, String value) {
    var client = new RedisTarget(requireNonNull(addresses.redis())).newClient(RESOURCES);
    try (var connection = client.connect()) {
      return command.equals("set")
          ? connection.sync().set(key, value)
          : String.valueOf(connection.sync().get(key));
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  private static java.sql.Connection connect(DatabaseSettings database, String password)
      throws SQLException {
    var url =
        "jdbc:postgresql://" + database.host() + ":" + database.port() + "/" + database.name();
    return DriverManager.getConnection(url, database.user(), password);
  }

  private static void sql(DatabaseSettings database, String statement) throws SQLException {
    try (var connection = connect(database, requireNonNull(database.password()).reveal());
        var run = connection.createStatement()) {
      run.execute(statement);
    }
  }

  private static String query(DatabaseSettings database, String query) throws SQLException {
    try (var connection = connect(database, requireNonNull(database.password()).reveal());
        var run = connection.createStatement();
        var rows = run.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
