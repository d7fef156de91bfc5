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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Searches tables of pgvector: in our own database, or in another one that the flow names and the
 * guard of addresses permits. Thread-safe.
 */
public final class PgVectors implements SqlVectors {
  private static final Logger LOG = LoggerFactory.getLogger(PgVectors.class);
  private static final int CONNECT_SECONDS = 10;
  private static final int ANSWER_SECONDS = 60;

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
    cancellation.throwIfCancelled();
    try {
      if (table.host().isEmpty()) {
        return database
            .jdbi()
            .withHandle(handle -> search(handle.getConnection(), table, query, cancellation));
      }
      try (var connection = connect(table)) {
        return search(connection, table, query, cancellation);
      }
    } catch (SQLException | ConnectionException e) {
      cancellation.throwIfCancelled();
      throw new FlowException("The vectors in " + table + " cannot be searched: " + why(e), e);
    }
  }

  private Connection connect(Table table) throws SQLException {
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
    source.setSocketTimeout(ANSWER_SECONDS);
    source.setReadOnly(true);
    return source.getConnection();
  }

  private List<Found> search(
      Connection connection, Table table, Query query, Cancellation cancellation)
      throws SQLException {
    var found = new ArrayList<Found>();
    try (var statement = connection.prepareStatement(sql(table, query));
        var _ = cancellation.onCancel(() -> cancel(statement))) {
      statement.setQueryTimeout(ANSWER_SECONDS);
      statement.setString(1, literal(query.vector()));
      var next = 2;
      if (!query.filter().isEmpty()) {
        statement.setString(next++, query.filter().toString());
      }
      statement.setInt(next, query.limit());
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(found(rows, query));
        }
      }
    }
    return found;
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
            quoted(table.contentColumn()),
            distance,
            Arrays.stream(table.name().split("\\."))
                .map(PgVectors::quoted)
                .collect(Collectors.joining(".")),
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

  private static String literal(float[] vector) {
    var text = new StringBuilder("[");
    for (var part : vector) {
      text.append(text.length() == 1 ? "" : ",").append(part);
    }
    return text.append(']').toString();
  }

  private static float[] vector(String literal) {
    var parts = literal.replaceAll("[\\[\\]\\s]", "").split(",", -1);
    var vector = new float[parts.length];
    for (var i = 0; i < parts.length; i++) {
      vector[i] = Float.parseFloat(parts[i]);
    }
    return vector;
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static void cancel(PreparedStatement statement) {
    Thread.ofVirtual()
        .name("vector-search-cancel") // callbacks must not block, and this asks the server
        .start(() -> {
          try {
            statement.cancel();
          } catch (SQLException e) {
            LOG.debug("A search of vectors cannot be cancelled; it ends by its time limit", e);
          }
        });
  }

  private static String why(Exception e) {
    var sql =
        e instanceof SQLException own ? own : e.getCause() instanceof SQLException s ? s : null;
    var state = sql == null ? "" : Objects.requireNonNullElse(sql.getSQLState(), "");
    return switch (state) {
      case "42704", "42883" ->
          "the database has no pgvector: run CREATE EXTENSION vector, or use another vector store";
      case "42P01" -> "there is no such table: upsert the documents first";
      case "42703" -> "the table lacks a column (" + e.getMessage() + ")";
      case "28P01", "28000" -> "the user or password is wrong";
      default -> String.valueOf(sql == null ? e.getMessage() : sql.getMessage());
    };
  }
}
