package dev.millrace.platform.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.retrieval.Found;
import dev.millrace.flows.retrieval.Piece;
import dev.millrace.flows.retrieval.SqlVectors.Table;
import dev.millrace.flows.retrieval.VectorStore.Query;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Against a real PostgreSQL, with {@link StandInVectors}: the SQL is tested, not the index. */
class PgVectorsIT {
  private static final String FILLED =
      StandInVectors.SQL
          + """
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
    database.with(handle -> handle.createScript(FILLED).execute());
    List<Found> found = search("", "documents", query("{}", 2, true));
    assertThat(found).extracting(one -> one.piece().text()).containsExactly("nearer", "near");
    assertThat(found.getFirst().vector()).containsExactly(0.5f, 0f);
    assertThat(found.getFirst().piece().metadata().path("page").asInt()).isEqualTo(2);
    assertThat(found.getFirst().piece().id()).hasSize(36);
  }

  @Test
  void filtersByMetadata() {
    database.with(handle -> handle.createScript(FILLED).execute());
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
    database.with(handle -> handle.createScript(FILLED).execute());
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

  @Test
  void makesTheTableAndWritesRowsInPlaceOfThoseWithTheSameIds() {
    database.with(handle -> handle.createScript(StandInVectors.SQL).execute());
    var table = table("", "public.made \"so\"", "my content");
    var first = piece("first", 1);
    write(table, first, piece("second", 2));
    write(table, new Piece("changed", first.metadata(), first.id()));

    var found = vectors.search(table, query("{\"docId\":\"d\"}", 5, false), Cancellation.none());

    assertThat(found).extracting(one -> one.piece().text()).containsOnly("changed", "second");
    assertThat(found).extracting(one -> one.piece().id()).contains(first.id());
  }

  @Test
  void deletesWhatIsLeftOfADocumentAndNothingElse() {
    database.with(handle -> handle.createScript(FILLED).execute());
    var table = table("", "documents", "pageContent");
    var stays = piece("stays", 1);
    assertThat(prune(table("", "not_there", "c"), stays)).isZero();
    write(table, stays, piece("goes", 2), piece("goes, too", 3));

    assertThat(prune(table, stays)).isEqualTo(2);

    assertThat(search("", "documents", query("{}", 9, false)))
        .extracting(one -> one.piece().text())
        .containsExactlyInAnyOrder("near", "far", "nearer", "stays");
  }

  @Test
  void nothingIsWrittenOfABatchThatIsRefused() {
    database.with(handle -> handle.createScript(FILLED).execute());
    var table = table("", "documents", "pageContent");
    assertThatThrownBy(
            () -> write(table, piece("fine", 1), new Piece("no", json.createObjectNode(), "x")))
        .hasMessageContaining("documents cannot be written")
        .hasMessageContaining("uuid");
    assertThat(search("", "documents", query("{}", 9, false))).hasSize(3);
  }

  @Test
  void saysThatPgvectorIsNotThereToBeWritten() {
    assertThatThrownBy(() -> write(table("", "documents", "pageContent"), piece("a", 1)))
        .hasMessageContaining("documents cannot be written")
        .hasMessageContaining("has no pgvector: install it");
  }

  @Test
  void aCancellationKeepsItFromWriting() {
    database.with(handle -> handle.createScript(FILLED).execute());
    var cancellation = new Cancellation();
    cancellation.cancel("enough");
    assertThatThrownBy(() ->
            vectors.write(
                table("", "documents", "pageContent"),
                List.of(piece("a", 1)),
                List.of(new float[] {1, 2}),
                cancellation))
        .isInstanceOf(FlowCancelledException.class);
    assertThat(search("", "documents", query("{}", 9, false))).hasSize(3);
  }

  @Test
  void anotherDatabaseInsideTheHouseIsNotWritten() {
    assertThatThrownBy(() -> write(table("127.0.0.1", "documents", "c"), piece("a", 1)))
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining("HTTP_ALLOW_LIST");
  }

  private void write(Table table, Piece... pieces) {
    var made = Stream.of(pieces).map(piece -> new float[] {1, 2}).toList();
    vectors.write(table, List.of(pieces), made, Cancellation.none());
  }

  private int prune(Table table, Piece kept) {
    return vectors.prune(table, "d", List.of(String.valueOf(kept.id())), Cancellation.none());
  }

  private Piece piece(String text, int number) {
    var about = json.createObjectNode().put("docId", "d").put("number", number);
    return new Piece(text, about, UUID.randomUUID().toString());
  }

  private static Table table(String host, String name, String content) {
    return new Table(host, 5432, "d", "u", "p", false, name, content, "cosine");
  }

  private List<Found> search(String host, String table, Query query) {
    return vectors.search(table(host, table, "pageContent"), query, Cancellation.none());
  }

  private Query query(String filter, int limit, boolean withVectors) {
    return new Query(new float[] {0, 0}, limit, (ObjectNode) json.readTree(filter), withVectors);
  }
}
