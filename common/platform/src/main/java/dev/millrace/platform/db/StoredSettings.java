package dev.millrace.platform.db;

import java.util.Optional;

/**
 * Facts that every process on this database has to agree on, such as the fingerprint of the
 * encryption key. Thread-safe.
 */
public final class StoredSettings {
  private final Database database;

  public StoredSettings(Database database) {
    this.database = database;
  }

  public Optional<String> find(String name) {
    return database.with(handle ->
        handle
            .createQuery("SELECT value FROM millrace.setting WHERE name = :name")
            .bind("name", name)
            .mapTo(String.class)
            .findOne());
  }

  /**
   * Stores a value unless another process was first.
   *
   * @return the value that is stored now
   */
  public String putIfAbsent(String name, String value) {
    return database.with(handle -> {
      handle
          .createUpdate(
              """
              INSERT INTO millrace.setting (name, value) VALUES (:name, :value)
              ON CONFLICT (name) DO NOTHING
              """)
          .bind("name", name)
          .bind("value", value)
          .execute();
      return handle
          .createQuery("SELECT value FROM millrace.setting WHERE name = :name")
          .bind("name", name)
          .mapTo(String.class)
          .one();
    });
  }

  /** Stores a value, replacing any. */
  public void put(String name, String value) {
    database.with(handle ->
        handle
            .createUpdate(
                """
                INSERT INTO millrace.setting (name, value) VALUES (:name, :value)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated = now()
                """)
            .bind("name", name)
            .bind("value", value)
            .execute());
  }
}
