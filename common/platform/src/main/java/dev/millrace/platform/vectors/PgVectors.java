package dev.millrace.platform.vectors;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.retrieval.Found;
import dev.millrace.flows.retrieval.Piece;
import dev.millrace.flows.retrieval.SqlVectors;
import dev.millrace.flows.retrieval.VectorStore.Query;
import dev.millrace.platform.db.Database;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Searches and writes tables of pgvector: in our own database, or in another one that the flow
 * names and the guard of addresses permits. Thread-safe.
 */
public final class PgVectors implements SqlVectors {
  private static final int CONNECT_SECONDS = 10;

  private final Database database;
  private final GuardedHttp guard;
  private final JsonMapper json;

  /**
   * @param guard says which other databases may be reached
   */
  public PgVectors(Database database, GuardedHttp guard, JsonMapper json) {
    this.database = database;
    this.guard = guard;
    this.json = json;
  }

  @Override
  public List<Found> search(Table table, Query query, Cancellation cancellation) {
    return with(
        table,
        true,
        "searched",
        cancellation,
        connection -> search(connection, table, query, cancellation));
  }

  @Override
  public void write(
      Table table, List<Piece> pieces, List<float[]> vectors, Cancellation cancellation) {
    var _ =
        with(
            table,
            false,
            "written",
            cancellation,
            connection -> {
              new VectorTables(connection, table, cancellation).write(pieces, vectors);
              return pieces.size();
            });
  }

  @Override
  public int prune(Table table, String docId, List<String> ids, Cancellation cancellation) {
    return with(
        table,
        false,
        "deleted",
        cancellation,
        connection -> new VectorTables(connection, table, cancellation).prune(docId, ids, json));
  }

  private interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  private <T> T with(
      Table table, boolean readOnly, String done, Cancellation cancellation, Work<T> work) {
    cancellation.throwIfCancelled();
    try {
      if (table.host().isEmpty()) {
        return database.jdbi().withHandle(handle -> work.with(handle.getConnection()));
      }
      try (var connection = connect(table, readOnly)) {
        return work.with(connection);
      }
    } catch (SQLException | ConnectionException e) {
      cancellation.throwIfCancelled();
      throw new FlowException("The vectors in " + table + " cannot be " + done + ": " + why(e), e);
    }
  }

  private Connection connect(Table table, boolean readOnly) throws SQLException {
    var source = new PGSimpleDataSource();
    try {
      // The address that was checked, so that a second lookup cannot lead elsewhere.
      var address = guard.client().dns().lookup(table.host()).getFirst().getHostAddress();
      source.setServerNames(new String[] {address});
    } catch (UnknownHostException e) {
      throw new FlowException(
          "The database of " + table + " cannot be reached: " + e.getMessage() + ".", e);
    }
    source.setPortNumbers(new int[] {table.port()});
    source.setDatabaseName(table.database());
    source.setUser(table.user());
    source.setPassword(table.password());
    source.setSsl(table.ssl());
    if (table.ssl()) {
      source.setSslMode("require");
    }
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout(VectorTables.ANSWER_SECONDS);
    source.setReadOnly(readOnly);
    return source.getConnection();
  }

  private List<Found> search(
      Connection connection, Table table, Query query, Cancellation cancellation)
      throws SQLException {
    return new VectorTables(connection, table, cancellation)
        .execute(
            sql(table, query),
            statement -> {
              statement.setString(1, VectorTables.literal(query.vector()));
              var next = 2;
              if (!query.filter().isEmpty()) {
                statement.setString(next++, query.filter().toString());
              }
              statement.setInt(next, query.limit());
              var found = new ArrayList<Found>();
              try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                  found.add(found(rows, query));
                }
              }
              return found;
            });
  }

  private static String sql(Table table, Query query) {
    var distance =
        switch (table.distance()) {
          case "euclidean" -> "<->";
          case "innerProduct" -> "<#>";
          default -> "<=>";
        };
    return """
    SELECT id::text, %s, metadata::text, embedding::text,
      embedding %s cast(? AS vector) AS distance
    FROM %s %s
    ORDER BY distance LIMIT ?
    """
        .formatted(
            VectorTables.quoted(table.contentColumn()),
            distance,
            VectorTables.name(table),
            query.filter().isEmpty() ? "" : "WHERE metadata @> cast(? AS jsonb)");
  }

  private Found found(ResultSet row, Query query) throws SQLException {
    var text = Objects.requireNonNullElse(row.getString(2), "");
    @Nullable String about = row.getString(3);
    var metadata =
        about != null && json.readTree(about) instanceof ObjectNode object
            ? object
            : json.createObjectNode();
    var piece = new Piece(text, metadata, row.getString(1));
    var vector = query.withVectors() ? vector(row.getString(4)) : null;
    return new Found(piece, -row.getDouble(5), vector);
  }

  private static float[] vector(String literal) {
    var parts = literal.replaceAll("[\\[\\]\\s]", "").split(",", -1);
    var vector = new float[parts.length];
    for (var i = 0; i < parts.length; i++) {
      vector[i] = Float.parseFloat(parts[i]);
    }
    return vector;
  }

  private static String why(Exception e) {
    var sql =
        e instanceof SQLException own ? own : e.getCause() instanceof SQLException s ? s : null;
    var state = sql == null ? "" : Objects.requireNonNullElse(sql.getSQLState(), "");
    return switch (state) {
      case "42704", "42883" ->
          "the database has no pgvector: run CREATE EXTENSION vector, or use another vector store";
      case "42501" -> "the user may not do that (" + message(sql, e) + ")";
      case "42P01" -> "there is no such table: upsert the documents first";
      case "42703" -> "the table lacks a column (" + e.getMessage() + ")";
      case "28P01", "28000" -> "the user or password is wrong";
      default -> message(sql, e);
    };
  }

  private static String message(@Nullable SQLException sql, Exception e) {
    return String.valueOf(sql == null ? e.getMessage() : sql.getMessage());
  }
}
