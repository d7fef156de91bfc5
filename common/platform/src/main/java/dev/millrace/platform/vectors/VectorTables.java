package dev.millrace.platform.vectors;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.retrieval.Piece;
import dev.millrace.flows.retrieval.SqlVectors.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes tables of pgvector over a connection that auto-commits before and afterwards. */
final class VectorTables {
  private static final Logger LOG = LoggerFactory.getLogger(VectorTables.class);

  /** For one statement. */
  static final int ANSWER_SECONDS = 60;

  private final Connection connection;
  private final Table table;
  private final Cancellation cancellation;

  VectorTables(Connection connection, Table table, Cancellation cancellation) {
    this.connection = connection;
    this.table = table;
    this.cancellation = cancellation;
  }

  private interface Statements {
    void run() throws SQLException;
  }

  /** What runs a statement that is ready. */
  interface Use<T> {
    T of(PreparedStatement statement) throws SQLException;
  }

  /** Writes rows in place of those with the same ids; all or none. */
  void write(List<Piece> pieces, List<float[]> vectors) throws SQLException {
    transaction(() -> {
      ensure();
      delete(pieces);
      insert(pieces, vectors);
    });
  }

  /** Deletes the rows of a document that are not among these; returns how many. */
  int prune(String docId, List<String> ids, JsonMapper json) throws SQLException {
    if (!isThere("SELECT to_regclass(?) IS NOT NULL", name(table))) {
      return 0;
    }
    ObjectNode document = json.createObjectNode().put("docId", docId);
    return execute(
        "DELETE FROM "
            + name(table)
            + " WHERE metadata @> cast(? AS jsonb) AND NOT id = ANY (cast(? AS uuid[]))",
        statement -> {
          statement.setString(1, document.toString());
          statement.setString(2, ids.stream().collect(Collectors.joining(",", "{", "}")));
          return statement.executeUpdate();
        });
  }

  /** Makes what is missing; no two nodes at once, since IF NOT EXISTS does not keep them apart. */
  private void ensure() throws SQLException {
    if (isThere("SELECT to_regclass(?) IS NOT NULL", name(table))) {
      return;
    }
    var _ =
        execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))",
            statement -> {
              statement.setString(1, "millrace vectors " + name(table));
              return statement.execute();
            });
    if (!isThere("SELECT to_regtype(?) IS NOT NULL", "vector")) {
      if (!isThere("SELECT count(*) > 0 FROM pg_available_extensions WHERE name = ?", "vector")) {
        throw new FlowException(
            "The vectors in "
                + table
                + " cannot be written: this PostgreSQL has no pgvector: install it, or use another"
                + " vector store.");
      }
      run("CREATE EXTENSION IF NOT EXISTS vector");
    }
    run(
        """
        CREATE TABLE IF NOT EXISTS %s (
          id uuid PRIMARY KEY DEFAULT gen_random_uuid(), %s text, metadata jsonb, embedding vector)
        """
            .formatted(name(table), quoted(table.contentColumn())));
  }

  private void delete(List<Piece> pieces) throws SQLException {
    var _ =
        execute(
            "DELETE FROM " + name(table) + " WHERE id = ANY (cast(? AS uuid[]))",
            statement -> {
              statement.setString(
                  1,
                  pieces.stream()
                      .map(piece -> String.valueOf(piece.id()))
                      .collect(Collectors.joining(",", "{", "}")));
              return statement.executeUpdate();
            });
  }

  private void insert(List<Piece> pieces, List<float[]> vectors) throws SQLException {
    var sql =
        """
        INSERT INTO %s (id, %s, metadata, embedding)
        VALUES (cast(? AS uuid), ?, cast(? AS jsonb), cast(? AS vector))
        """
            .formatted(name(table), quoted(table.contentColumn()));
    var _ =
        execute(
            sql,
            statement -> {
              for (var i = 0; i < pieces.size(); i++) {
                var piece = pieces.get(i);
                statement.setString(1, piece.id());
                statement.setString(2, piece.text());
                statement.setString(3, piece.metadata().toString());
                statement.setString(4, literal(vectors.get(i)));
                statement.addBatch();
              }
              return statement.executeBatch();
            });
  }

  private void run(String sql) throws SQLException {
    var _ = execute(sql, PreparedStatement::execute);
  }

  private boolean isThere(String sql, String name) throws SQLException {
    return execute(
        sql,
        statement -> {
          statement.setString(1, name);
          try (var row = statement.executeQuery()) {
            return row.next() && row.getBoolean(1);
          }
        });
  }

  /** Runs a statement that a cancellation ends. */
  <T> T execute(String sql, Use<T> use) throws SQLException {
    cancellation.throwIfCancelled();
    try (var statement = connection.prepareStatement(sql);
        var _ = cancellation.onCancel(() -> cancel(statement))) {
      statement.setQueryTimeout(ANSWER_SECONDS);
      return use.of(statement);
    }
  }

  private void transaction(Statements statements) throws SQLException {
    connection.setAutoCommit(false);
    try {
      statements.run();
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      undo(e);
      throw e;
    }
    connection.setAutoCommit(true);
  }

  private void undo(Exception reason) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      // The connection is broken, which undoes it, too.
      reason.addSuppressed(e);
    }
  }

  private static void cancel(PreparedStatement statement) {
    Thread.ofVirtual()
        .name("vectors-cancel") // callbacks must not block, and this asks the server
        .start(() -> {
          try {
            statement.cancel();
          } catch (SQLException e) {
            LOG.debug("A statement about vectors cannot be cancelled; its time limit ends it", e);
          }
        });
  }

  /** Returns a table's name for SQL. */
  static String name(Table table) {
    return Arrays.stream(table.name().split("\\."))
        .map(VectorTables::quoted)
        .collect(Collectors.joining("."));
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** Returns a vector as pgvector reads it. */
  static String literal(float[] vector) {
    var text = new StringBuilder("[");
    for (var part : vector) {
      text.append(text.length() == 1 ? "" : ",").append(part);
    }
    return text.append(']').toString();
  }
}
