package dev.millrace.platform.vectors;

/**
 * Stands in for pgvector, which the bundled PostgreSQL does not have: a type and an operator of the
 * same names, so that the SQL can be tested.
 */
public final class StandInVectors {
  public static final String SQL =
      """
      CREATE DOMAIN vector AS text;
      CREATE FUNCTION apart(a text, b text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
        SELECT sqrt(sum((x::float8 - y::float8) ^ 2))
        FROM unnest(string_to_array(trim(a, '[]'), ','), string_to_array(trim(b, '[]'), ','))
          AS both_of(x, y) $$;
      CREATE OPERATOR <=> (LEFTARG = text, RIGHTARG = text, FUNCTION = apart);
      """;

  private StandInVectors() {}
}
