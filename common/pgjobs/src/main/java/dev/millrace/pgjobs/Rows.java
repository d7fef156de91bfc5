package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs statements that others have written, with their values. */
final class Rows {
  private Rows() {}

  static List<Map<String, @Nullable Object>> query(
      Connection connection, String sql, @Nullable Object... values) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      var result = new ArrayList<Map<String, @Nullable Object>>();
      try (var rows = statement.executeQuery()) {
        var meta = rows.getMetaData();
        while (rows.next()) {
          var row = new LinkedHashMap<String, @Nullable Object>();
          for (var i = 1; i <= meta.getColumnCount(); i++) {
            row.put(meta.getColumnLabel(i), rows.getObject(i));
          }
          result.add(row);
        }
      }
      return result;
    }
  }

  static int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      return statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, @Nullable Object... values)
      throws SQLException {
    for (var i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }
}
