package dev.millrace.pgjobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Puts a schema's name into SQL text: {@code {schema}} quoted, {@code {schema-text}} as a string.
 */
final class Sql {
  /** What quotes the bodies of our functions; a name that holds it would end one. */
  private static final String BODY_QUOTE = "$pgjobs$";

  private static final int MAX_NAME_BYTES = 63;

  private final String identifier;
  private final String literal;

  /**
   * @throws IllegalArgumentException when PostgreSQL could not have a schema of that name
   */
  Sql(String schema) {
    var bytes = schema.getBytes(StandardCharsets.UTF_8).length;
    if (schema.isEmpty() || bytes > MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "a schema's name has 1 to %d bytes, not %d".formatted(MAX_NAME_BYTES, bytes));
    }
    if (schema.indexOf('\0') >= 0 || schema.contains(BODY_QUOTE) || schema.startsWith("pg_")) {
      throw new IllegalArgumentException("no schema can be called " + schema.replace('\0', ' '));
    }
    identifier = '"' + schema.replace("\"", "\"\"") + '"';
    // As an identifier within a string: to_regprocedure parses it again.
    literal = "E'" + identifier.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  /** Returns the text with the schema's name in it. */
  String in(String text) {
    return text.replace("{schema-text}", literal).replace("{schema}", identifier);
  }

  /** Returns the text of a resource beside this class, with the schema's name in it. */
  String resource(String name) {
    try (var in = Sql.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar of pgjobs");
      }
      return in(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Sql sql && sql.identifier.equals(identifier);
  }

  @Override
  public int hashCode() {
    return identifier.hashCode();
  }

  @Override
  public String toString() {
    return identifier;
  }
}
