package dev.millrace.platform.db;

import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a multi-row statement, column by column. Each column is bound as one {@code text[]}
 * parameter that the SQL casts and hands to {@code unnest}, so that the statement's text, and with
 * it its plan, is the same for any number of rows. Not thread-safe.
 */
public final class TextColumns {
  private final Map<String, List<@Nullable String>> columns = new LinkedHashMap<>();

  /** Names columns that have to be bound even when there are no rows. */
  public TextColumns(String... names) {
    for (var name : names) {
      columns.put(name, new ArrayList<@Nullable String>());
    }
  }

  /** Adds the value of the next row to a column. Every row has to add to the same columns. */
  public TextColumns add(String column, @Nullable Object value) {
    var values = columns.get(column);
    if (values == null) {
      values = new ArrayList<@Nullable String>();
      columns.put(column, values);
    }
    values.add(value == null ? null : value.toString());
    return this;
  }

  /** Binds every column under its name. */
  public <S extends SqlStatement<S>> S bindTo(S statement) {
    for (var column : columns.entrySet()) {
      statement.bind(column.getKey(), array(column.getValue()));
    }
    return statement;
  }

  private static Argument array(List<@Nullable String> values) {
    return (position, statement, context) ->
        statement.setObject(
            position,
            statement.getConnection().createArrayOf("text", values.toArray()),
            Types.ARRAY);
  }
}
