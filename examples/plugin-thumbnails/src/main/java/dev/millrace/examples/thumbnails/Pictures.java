package dev.millrace.examples.thumbnails;

import dev.millrace.cluster.sync.Transaction;
import dev.millrace.flows.model.Json;
import dev.millrace.platform.plugins.PluginDatabase;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** The plugin's tables. */
final class Pictures {
  private final PluginDatabase database;

  Pictures(PluginDatabase database) {
    this.database = database;
  }

  UUID add(byte[] picture) {
    var id = UUID.randomUUID();
    database.inTransaction(
        (handle, transaction) ->
            handle.execute("INSERT INTO thumbnail (id, picture) VALUES (?, ?)", id, picture));
    return id;
  }

  byte[] picture(UUID id) {
    return bytes(id, "picture");
  }

  byte[] small(UUID id) {
    return bytes(id, "small");
  }

  private byte[] bytes(UUID id, String column) {
    return database.inTransaction(
        (handle, transaction) ->
            handle
                .createQuery("SELECT " + column + " FROM thumbnail WHERE id = :id")
                .bind("id", id)
                .mapTo(byte[].class)
                .findOne()
                .orElse(null));
  }

  void made(UUID id, byte[] small, long pid) {
    database.inTransaction(
        (handle, transaction) ->
            handle.execute(
                "UPDATE thumbnail SET small = ?, made_by = ? WHERE id = ?",
                small,
                Long.toString(pid),
                id));
  }

  void failed(UUID id, String problem) {
    database.inTransaction(
        (handle, transaction) ->
            handle.execute("UPDATE thumbnail SET problem = ? WHERE id = ?", problem, id));
  }

  ObjectNode state(UUID id) {
    return database.inTransaction(
        (handle, transaction) ->
            handle
                .createQuery(
                    "SELECT small IS NOT NULL AS made, made_by, problem FROM thumbnail WHERE id = :id")
                .bind("id", id)
                .map(
                    (row, context) ->
                        Json.object()
                            .put("made", row.getBoolean("made"))
                            .put("madeBy", row.getString("made_by"))
                            .put("problem", row.getString("problem")))
                .findOne()
                .orElseThrow(() -> new IllegalArgumentException("there is no picture " + id)));
  }

  /** Returns the size that is stored, or another when none is. */
  int size(int otherwise) {
    return database.inTransaction(
        (handle, transaction) ->
            handle
                .createQuery("SELECT value FROM preference WHERE name = 'size'")
                .mapTo(Integer.class)
                .findOne()
                .orElse(otherwise));
  }

  void resize(int size, Consumer<Transaction> inTransaction) {
    database.inTransaction(
        (handle, transaction) -> {
          inTransaction.accept(transaction);
          return handle.execute(
              "INSERT INTO preference VALUES ('size', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
              size);
        });
  }
}
