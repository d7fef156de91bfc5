package dev.millrace.platform.plugins;

import dev.millrace.platform.cluster.JdbiTransaction;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.SchemaMigrations;
import org.jspecify.annotations.Nullable;

/** A schema of a plugin in the database of Millrace. */
final class PluginSchema implements PluginDatabase {
  private final Database database;
  private final String schema;

  private PluginSchema(Database database, String schema) {
    this.database = database;
    this.schema = schema;
  }

  /** Makes the schema, brings it to what the jar of a plugin wants, and opens it. */
  static PluginSchema open(Database database, String schema, ClassLoader plugin) {
    SchemaMigrations.run(database, schema, plugin, "classpath:db/migration");
    return new PluginSchema(database, schema);
  }

  @Override
  public String schema() {
    return schema;
  }

  @Override
  public <R extends @Nullable Object> R inTransaction(Work<R> work) {
    return database.inTransaction(handle -> {
      // For this transaction only: the connection is everybody's. The name is an identifier.
      handle.execute("SET LOCAL search_path TO " + schema + ", public");
      return work.run(handle, new JdbiTransaction(handle));
    });
  }
}
