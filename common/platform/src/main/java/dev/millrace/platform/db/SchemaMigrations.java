package dev.millrace.platform.db;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Migrates the schema of a part of Millrace that brings scripts of its own. */
public final class SchemaMigrations {
  private SchemaMigrations() {}

  /**
   * Makes a schema and runs the scripts that it has not seen; the first process does, others wait.
   *
   * @param schema an identifier; it gets the scripts' history, too
   * @param scripts what sees the scripts
   * @param location of the scripts, {@code classpath:…}
   * @throws SchemaException when a script fails, naming it
   */
  public static void run(Database database, String schema, ClassLoader scripts, String location) {
    try {
      Flyway.configure(scripts)
          // The pool: Flyway would look for the driver among the scripts' classes.
          .dataSource(database.dataSource())
          .schemas(schema)
          .table("schema_history")
          .locations(location)
          .failOnMissingLocations(false)
          .loggers("slf4j")
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new SchemaException("cannot migrate schema " + schema + ": " + e.getMessage(), e);
    }
  }
}
