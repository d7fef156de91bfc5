package dev.millrace.platform.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.retrieval.Found;
import dev.millrace.flows.retrieval.SqlVectors.Table;
import dev.millrace.flows.retrieval.VectorStore.Query;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Against a real PostgreSQL. The bundled one has no pgvector, so that a type and an operator of the
 * same names stand in for it: the SQL is what is tested here, not the index.
 */
class PgVectorsIT {
  private static final String STAND_IN =
      """
      CREATE DOMAIN vector AS text;
      CREATE FUNCTION apart(a text, b text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
        SELECT sqrt(sum((x::float8 - y::float8) ^ 2))
        FROM unnest(string_to_array(trim(a, '[]'), ','), string_to_array(trim(b, '[]'), ','))
          AS both_of(x, y) $$;
      CREATE OPERATOR <=> (LEFTARG = text, RIGHTARG = text, FUNCTION = apart);
      CREATE TABLE documents (
        id uuid DEFAULT gen_random_uuid(), "pageContent" text, metadata jsonb, embedding vector);
      INSERT INTO documents ("pageContent", metadata, embedding) VALUES
        ('near', '{"page": 1}', '[1,0]'), ('far', '{"page": 2}', '[9,9]'),
        ('nearer', '{"page": 2}', '[0.5,0]');
      """;

  private final JsonMapper json = JsonMapper.shared();
  private final Database database = TestDatabase.empty();
  private final GuardedHttp guard = new GuardedHttp(AddressPolicy.strict(), FetchLimits.DEFAULT);
  private final PgVectors vectors = new PgVectors(database, guard, json);

  @AfterEach
  void close() {
    guard.close();
    database.close();
  }

  @Test
  void findsTheNearest() {
    database.with(handle -> handle.createScript(STAND_IN).execute());
    List<Found> found = search("", "documents", query("{}", 2, true));
    assertThat(found).extracting(one -> one.piece().text()).containsExactly("nearer", "near");
    assertThat(found.getFirst().vector()).containsExactly(0.5f, 0f);
    assertThat(found.getFirst().piece().metadata().path("page").asInt()).isEqualTo(2);
    assertThat(found.getFirst().piece().id()).hasSize(36);
  }

  @Test
  void filtersByMetadata() {
    database.with(handle -> handle.createScript(STAND_IN).execute());
    assertThat(search("", "documents", query("{\"page\":2}", 5, false)))
        .extracting(one -> one.piece().text())
        .containsExactly("nearer", "far");
  }

  @Test
  void saysThatThereIsNoPgvector() {
    assertThatThrownBy(() -> search("", "documents", query("{}", 1, false)))
        .hasMessageContaining("documents")
        .hasMessageMatching("(?s).*(CREATE EXTENSION vector|upsert the documents first).*");
  }

  @Test
  void aTableNameCannotBeMoreThanAName() {
    database.with(handle -> handle.createScript(STAND_IN).execute());
    assertThatThrownBy(
            () -> search("", "documents\"; DROP TABLE documents; --", query("{}", 1, false)))
        .hasMessageContaining("no such table");
    assertThat(search("", "documents", query("{}", 5, false))).hasSize(3);
  }

  @Test
  void anotherDatabaseInsideTheHouseIsRefused() {
    assertThatThrownBy(() -> search("127.0.0.1", "documents", query("{}", 1, false)))
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining("HTTP_ALLOW_LIST");
  }

  private List<Found> search(String host, String table, Query query) {
    var where = new Table(host, 5432, "d", "u", "p", false, table, "pageContent", "cosine");
    return vectors.search(where, query, Cancellation.none());
  }

  private Query query(String filter, int limit, boolean withVectors) {
    return new Query(new float[] {0, 0}, limit, (ObjectNode) json.readTree(filter), withVectors);
  }
}
