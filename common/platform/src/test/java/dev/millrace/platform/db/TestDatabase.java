package dev.millrace.platform.db;

import dev.millrace.testing.FreePort;
import dev.millrace.testing.TestPostgres;
import java.util.Map;

/** Opens databases for tests. */
public final class TestDatabase {
  private TestDatabase() {}

  /** Opens a pool on an empty database of its own. */
  public static Database empty() {
    return open(TestPostgres.createDatabase());
  }

  /** Opens a pool on a migrated database of its own. */
  public static Database migrated() {
    var database = empty();
    Migrations.run(database);
    return database;
  }

  static Database open(TestPostgres.Db db) {
    return Database.open(
        new Database.Endpoint(
            db.jdbcUrl(), db.user(), db.password(), 8, "millrace-test", Map.of()));
  }

  /** Opens a pool where nothing listens. */
  public static Database unreachable() {
    return Database.open(
        new Database.Endpoint(
            "jdbc:postgresql://127.0.0.1:" + FreePort.find() + "/nothing",
            "nobody",
            "secret-password",
            4,
            "millrace-test",
            Map.of()));
  }
}
