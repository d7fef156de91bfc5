package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.DatabaseSettings;
import dev.millrace.platform.settings.Mode;
import dev.millrace.platform.settings.RedisSettings;
import dev.millrace.platform.settings.Settings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stores of this process: those that were configured, and a real PostgreSQL and Redis of our
 * own in place of those that were not.
 *
 * <p>What is chosen, for each store: the configured server; else an embedded one of this data
 * folder that runs already; else, for Redis, one that answers on its default address without a
 * password; else, in {@link #startOrJoin}, an embedded one is started and owned by this process.
 * Redis is only looked for when MODE=queue.
 *
 * <p>Owned stores end with this process, also when it is killed. Close this last, after everything
 * that uses the stores. Thread-safe.
 */
public final class EmbeddedStores implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStores.class);

  /** Covers the first start of another process, which makes a cluster. */
  private static final Duration JOIN_LIMIT = Duration.ofMinutes(3);

  private final Settings settings;
  private final List<EmbeddedStore> owned = new ArrayList<>();
  private final StoreAddresses addresses;

  private EmbeddedStores(Settings settings) {
    this.settings = settings;
    try {
      this.addresses = new StoreAddresses(database(), redis());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Finds the stores and starts those that are needed and missing; returns when all take
   * connections. The first start ever takes some seconds, later ones well below one.
   *
   * @throws EmbeddedStoreException when one does not start
   */
  public static EmbeddedStores startOrJoin(Settings settings) {
    return new EmbeddedStores(settings);
  }

  /**
   * Finds the stores without starting any, as a worker does: those of a server on this machine.
   *
   * @return nothing when one is neither configured nor running
   */
  public static Optional<StoreAddresses> find(Settings settings) {
    var database =
        settings.database().configured()
            ? Optional.of(settings.database())
            : live(settings, "postgres").map(record -> embedded(settings.database(), record));
    if (database.isEmpty()) {
      return Optional.empty();
    }
    if (settings.redis().configured() || settings.mode() == Mode.MAIN) {
      return Optional.of(new StoreAddresses(database.get(), configuredRedis(settings)));
    }
    return runningRedis(settings).map(redis -> new StoreAddresses(database.get(), redis));
  }

  /**
   * As {@link #find}, waiting for a server on this machine to start them.
   *
   * @throws EmbeddedStoreException when they are not there in time
   */
  public static StoreAddresses await(Settings settings, Duration limit) {
    return await(
        () -> find(settings),
        limit,
        "no store was configured, and none runs for the data folder "
            + settings.home()
            + "; start the server on this machine with the same MILLRACE_HOME, or set DATABASE_HOST"
            + " (and REDIS_URL when MODE=queue)");
  }

  /** Returns where the stores are. */
  public StoreAddresses addresses() {
    return addresses;
  }

  /** Stops the stores that this process owns; a second call does nothing. */
  @Override
  public void close() {
    owned.reversed().forEach(EmbeddedStore::close);
  }

  private DatabaseSettings database() {
    var wanted = settings.database();
    if (wanted.configured()) {
      return wanted;
    }
    var files = StoreFiles.of(settings.home(), "postgres");
    var record =
        startOrJoin(
            "postgres",
            () ->
                new PostgresProgram(
                    files.data(), files.log(), programs(), UnprivilegedUser.choose()));
    return embedded(wanted, record);
  }

  private @Nullable RedisSettings redis() {
    if (settings.redis().configured() || settings.mode() == Mode.MAIN) {
      return configuredRedis(settings);
    }
    return runningRedis(settings)
        .orElseGet(() -> {
          var files = StoreFiles.of(settings.home(), "redis");
          var record = startOrJoin("redis", () -> new RedisProgram(files.data(), programs()));
          return embedded(settings.redis(), record);
        });
  }

  private StoreRecord startOrJoin(String name, Supplier<StoreProgram> program) {
    return await(
        () -> {
          var running = live(settings, name);
          return running.isPresent() ? running : start(program.get());
        },
        JOIN_LIMIT,
        "another process owns the embedded "
            + name
            + " of "
            + settings.home()
            + " but does not get it ready; see its log");
  }

  private Optional<StoreRecord> start(StoreProgram program) {
    var started = EmbeddedStore.start(program, StoreFiles.of(settings.home(), program.name()));
    started.ifPresent(owned::add);
    return started.map(store -> new StoreRecord(store.port(), store.password(), null, List.of()));
  }

  private Programs programs() {
    return new Programs(settings.home(), Platform.current());
  }

  private static @Nullable RedisSettings configuredRedis(Settings settings) {
    return settings.redis().configured() ? settings.redis() : null;
  }

  private static Optional<RedisSettings> runningRedis(Settings settings) {
    var live = live(settings, "redis").map(record -> embedded(settings.redis(), record));
    var standard = settings.redis();
    if (live.isEmpty() && RedisProbe.answers(standard.host(), standard.port(), null)) {
      LOG.atInfo()
          .addKeyValue("host", standard.host())
          .addKeyValue("port", standard.port())
          .log("using the Redis that answers here");
      return Optional.of(standard);
    }
    return live;
  }

  private static Optional<StoreRecord> live(Settings settings, String name) {
    var file = StoreFiles.of(settings.home(), name).record();
    try {
      return StoreRecord.read(file).filter(StoreRecord::isLive);
    } catch (IOException e) {
      throw new EmbeddedStoreException(
          file + " cannot be read (" + e + "); run server and worker as the same user", e);
    }
  }

  private static DatabaseSettings embedded(DatabaseSettings wanted, StoreRecord record) {
    return new DatabaseSettings(
        true,
        EmbeddedStore.HOST,
        record.port(),
        PostgresProgram.DATABASE,
        PostgresProgram.ROLE,
        record.password(),
        false,
        null,
        false,
        wanted.poolSize());
  }

  private static RedisSettings embedded(RedisSettings wanted, StoreRecord record) {
    return new RedisSettings(
        true,
        EmbeddedStore.HOST,
        record.port(),
        0,
        null,
        record.password(),
        false,
        null,
        null,
        null,
        wanted.keepAlive());
  }

  private static <T> T await(Supplier<Optional<T>> attempt, Duration limit, String failure) {
    var deadline = Deadline.in(limit);
    while (true) {
      var result = attempt.get();
      if (result.isPresent()) {
        return result.get();
      }
      if (deadline.passed()) {
        throw new EmbeddedStoreException(failure);
      }
      deadline.pause();
    }
  }
}
