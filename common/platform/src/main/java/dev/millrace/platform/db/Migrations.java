package dev.millrace.platform.db;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the database to what this version needs, whichever process comes first; the others wait
 * for it. Costs two queries when there is nothing to do.
 *
 * <p>Two families of scripts share one history ({@code millrace.schema_history}): {@code own} makes
 * schema {@code millrace}; {@code shared} makes Flowise's tables, only where Flowise has not.
 */
public final class Migrations {
  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
  private static final String LOCATION = "classpath:dev/millrace/platform/db/";
  private static final long LOCK = 0x6d696c6c72616365L; // "millrace"
  private static final Duration LONGEST_MIGRATION = Duration.ofMinutes(10);

  /** The newest script of each family; a test compares them with the files. */
  static final int NEWEST_OWN = 4;

  static final int NEWEST_SHARED = 2;

  /** Who made, and may change, the tables that Millrace and Flowise share. */
  public enum TableOwner {
    MILLRACE,
    FLOWISE
  }

  private record State(TableOwner owner, int version) {
    int newest() {
      return owner == TableOwner.FLOWISE ? NEWEST_OWN : Math.max(NEWEST_OWN, NEWEST_SHARED);
    }

    boolean isCurrent() {
      return version >= newest();
    }
  }

  private Migrations() {}

  /**
   * Migrates, or checks the tables of an existing Flowise.
   *
   * @return whose the shared tables are
   * @throws SchemaException when the tables are not, and could not be made, what is needed
   * @throws DatabaseUnavailableException when PostgreSQL is away
   */
  public static TableOwner run(Database database) {
    var state = database.with(Migrations::inspect);
    if (!state.isCurrent()) {
      migrate(database);
    }
    return state.owner();
  }

  private static State inspect(Handle handle) {
    var owner = FlowiseSchema.isPresent(handle) ? TableOwner.FLOWISE : TableOwner.MILLRACE;
    if (owner == TableOwner.FLOWISE) {
      FlowiseSchema.check(handle);
    }
    return new State(owner, version(handle));
  }

  private static int version(Handle handle) {
    var exists =
        handle
            .createQuery("SELECT to_regclass('millrace.schema_history') IS NOT NULL")
            .mapTo(Boolean.class)
            .one();
    return exists
        ? handle
            .createQuery(
                """
                SELECT coalesce(max(version::int), 0) FROM millrace.schema_history
                WHERE success AND version IS NOT NULL
                """)
            .mapTo(Integer.class)
            .one()
        : 0;
  }

  /** Runs under a lock of our own: Flyway's does not cover the creation of the schema. */
  private static void migrate(Database database) {
    try {
      migrateAlone(database);
    } catch (SQLException e) {
      throw new DatabaseUnavailableException(
          "cannot migrate PostgreSQL at " + database.endpoint() + ": " + e.getMessage(), e);
    } catch (FlywayException e) {
      throw new SchemaException(
          "cannot create Millrace's tables at "
              + database.endpoint()
              + ": "
              + e.getMessage()
              + "; the role needs CREATE on the database and on schema public",
          e);
    }
  }

  private static void migrateAlone(Database database) throws SQLException {
    var endpoint = database.endpoint();
    var properties = properties(endpoint);
    properties.setProperty("user", endpoint.user());
    properties.setProperty("password", endpoint.password());
    try (var connection = DriverManager.getConnection(endpoint.jdbcUrl(), properties)) {
      lock(connection);
      var state = database.with(Migrations::inspect);
      if (state.isCurrent()) {
        return;
      }
      flyway(endpoint, state.owner()).migrate();
      database.with(handle -> {
        SharedIndexes.create(handle);
        return Workspaces.create(handle, state.owner());
      });
      LOG.atInfo()
          .addKeyValue("version", state.newest())
          .addKeyValue("sharedTables", state.owner())
          .log("database migrated");
    }
  }

  private static Properties properties(Database.Endpoint endpoint) {
    var properties = new Properties();
    properties.putAll(endpoint.properties());
    properties.setProperty("socketTimeout", Long.toString(LONGEST_MIGRATION.toSeconds()));
    return properties;
  }

  /** Held until the connection is closed. */
  private static void lock(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = '5min'");
      statement.execute("SELECT pg_advisory_lock(" + LOCK + ")");
    }
  }

  private static Flyway flyway(Database.Endpoint endpoint, TableOwner owner) {
    List<String> locations = new ArrayList<>(List.of(LOCATION + "own"));
    if (owner == TableOwner.MILLRACE) {
      locations.add(LOCATION + "shared");
    }
    var jdbcProperties = new HashMap<String, String>();
    properties(endpoint)
        .forEach((name, value) -> jdbcProperties.put((String) name, (String) value));
    return Flyway.configure()
        .dataSource(endpoint.jdbcUrl(), endpoint.user(), endpoint.password())
        .jdbcProperties(jdbcProperties)
        .schemas("millrace")
        .table("schema_history")
        .locations(locations.toArray(String[]::new))
        .loggers("slf4j")
        .load();
  }
}
