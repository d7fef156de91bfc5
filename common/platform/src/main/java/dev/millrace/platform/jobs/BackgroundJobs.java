package dev.millrace.platform.jobs;

import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.SchemaOptions;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.settings.JobSettings;
import java.util.HashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The background jobs of a database, over connections of their own: those that a runner holds must
 * not be missing where flows run. Opening it needs no PostgreSQL. Thread-safe.
 */
public final class BackgroundJobs implements AutoCloseable {
  private final Database database;
  private final PgJobs jobs;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean ready;

  private BackgroundJobs(Database database, PgJobs jobs) {
    this.database = database;
    this.jobs = jobs;
  }

  /**
   * Opens the jobs.
   *
   * @param target where PostgreSQL is
   * @param process shown in {@code pg_stat_activity}
   * @param connections most connections that are opened at once; a runner holds three
   */
  public static BackgroundJobs open(
      JobSettings settings, Database.Endpoint target, String process, int connections) {
    var properties = new HashMap<>(target.driverProperties());
    // Functions are found by the types of their arguments, so text has to be sent as text.
    properties.put("stringtype", "varchar");
    var endpoint =
        new Database.Endpoint(
            target.jdbcUrl(), target.user(), target.password(), connections, process, properties);
    var database = Database.open(endpoint);
    var schema =
        SchemaOptions.DEFAULT
            .withName(settings.schema())
            .withCompatibility(settings.compatibility());
    return new BackgroundJobs(database, PgJobs.of(database.dataSource(), schema));
  }

  /**
   * Returns the jobs; the first call makes the schema, or brings it up to date.
   *
   * @throws dev.millrace.pgjobs.SchemaVersionException when it is of a version that breaks with
   *     ours
   * @throws dev.millrace.pgjobs.PgJobsException when PostgreSQL is away or refuses
   */
  public PgJobs jobs() {
    if (!ready) {
      lock.lock();
      try {
        if (!ready) {
          jobs.migrate();
          ready = true;
        }
      } finally {
        lock.unlock();
      }
    }
    return jobs;
  }

  /** Returns the jobs without touching the schema. */
  public PgJobs untouched() {
    return jobs;
  }

  @Override
  public void close() {
    database.close();
  }
}
