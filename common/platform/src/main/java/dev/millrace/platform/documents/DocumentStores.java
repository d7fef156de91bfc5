package dev.millrace.platform.documents;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.retrieval.Component;
import dev.millrace.flows.retrieval.Piece;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TextColumns;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The rows of document stores and of their pieces, in Flowise's tables. Thread-safe. */
final class DocumentStores {
  /** How many pieces one statement writes; a cancellation is looked for in between. */
  private static final int BATCH = 500;

  private final Database database;

  /** What a store does, with the words of its column. */
  enum Status {
    UPSERTING,
    UPSERTED,
    STALE
  }

  /**
   * A store.
   *
   * @param loaders its documents, see {@link LoaderEntry}
   * @param embedding null when none was chosen yet
   * @param vectorStore null when none was chosen yet
   */
  record Row(
      UUID id,
      String name,
      ArrayNode loaders,
      @Nullable Component embedding,
      @Nullable Component vectorStore) {}

  DocumentStores(Database database) {
    this.database = database;
  }

  Optional<Row> find(UUID id, String workspace) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT name, coalesce(loaders, ''), coalesce("embeddingConfig", ''),
                  coalesce("vectorStoreConfig", '')
                FROM document_store WHERE id = :id AND "workspaceId" = :workspace
                """)
            .bind("id", id)
            .bind("workspace", workspace)
            .map((row, context) ->
                new Row(
                    id,
                    row.getString(1),
                    array(row.getString(2)),
                    component(row.getString(3)),
                    component(row.getString(4))))
            .findOne());
  }

  /** Creates a store, unless an earlier attempt has. */
  void create(UUID id, UpsertRequest.NewStore store, String workspace) {
    var _ =
        database.with(handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO document_store (id, name, description, loaders, "whereUsed",
                      status, "workspaceId")
                    VALUES (:id, :name, :description, '[]', '[]', 'EMPTY', :workspace)
                    ON CONFLICT (id) DO NOTHING
                    """)
                .bind("id", id)
                .bind("name", store.name())
                .bind("description", store.description())
                .bind("workspace", workspace)
                .execute());
  }

  void status(UUID id, Status status) {
    var _ =
        database.with(handle ->
            handle
                .createUpdate(
                    """
                    UPDATE document_store SET status = :status, "updatedDate" = now()
                    WHERE id = :id
                    """)
                .bind("id", id)
                .bind("status", status.name())
                .execute());
  }

  /**
   * Says of a store that its upsert ended half-way; does nothing when it says that it ended, or is
   * of another workspace.
   */
  void unfinished(UUID id, String workspace) {
    var _ =
        database.with(handle ->
            handle
                .createUpdate(
                    """
                    UPDATE document_store SET status = 'STALE', "updatedDate" = now()
                    WHERE id = :id AND "workspaceId" = :workspace AND status = 'UPSERTING'
                    """)
                .bind("id", id)
                .bind("workspace", workspace)
                .execute());
  }

  /** Says that a store is complete, and with what its vectors were made and where they are. */
  void upserted(UUID id, Component embedding, Component vectorStore) {
    var _ =
        database.with(handle ->
            handle
                .createUpdate(
                    """
                    UPDATE document_store SET status = :status, "embeddingConfig" = :embedding,
                      "vectorStoreConfig" = :vectorStore, "updatedDate" = now()
                    WHERE id = :id
                    """)
                .bind("id", id)
                .bind("status", Status.UPSERTED.name())
                .bind("embedding", embedding.toJson().toString())
                .bind("vectorStore", vectorStore.toJson().toString())
                .execute());
  }

  /**
   * Puts a document and its pieces in the place of what was known of it, all or nothing.
   *
   * @param document an entry of {@code loaders}
   * @param pieces in order, with ids
   * @return how many pieces it had
   * @throws IllegalStateException when the store is gone
   */
  int replace(UUID store, ObjectNode document, List<Piece> pieces, Cancellation cancellation) {
    return database.inTransaction(handle -> {
      // Locks the row: another document of the store may be written at the same time.
      var loaders =
          handle
              .createQuery(
                  "SELECT coalesce(loaders, '') FROM document_store WHERE id = :id FOR UPDATE")
              .bind("id", store)
              .mapTo(String.class)
              .findOne()
              .orElseThrow(
                  () -> new IllegalStateException("the document store " + store + " was deleted"));
      var docId = document.path("id").asString("");
      handle
          .createUpdate("UPDATE document_store SET loaders = :loaders WHERE id = :id")
          .bind("id", store)
          .bind("loaders", LoaderEntry.put(array(loaders), document).toString())
          .execute();
      var before =
          handle
              .createUpdate(
                  """
                  DELETE FROM document_store_file_chunk
                  WHERE "docId" = cast(:docId AS uuid) AND "storeId" = :store
                  """)
              .bind("docId", docId)
              .bind("store", store)
              .execute();
      for (var from = 0; from < pieces.size(); from += BATCH) {
        cancellation.throwIfCancelled();
        var part = pieces.subList(from, Math.min(pieces.size(), from + BATCH));
        insert(handle, store, docId, from + 1, part);
      }
      return before;
    });
  }

  private static void insert(
      Handle handle, UUID store, String docId, int firstNumber, List<Piece> pieces) {
    var columns = new TextColumns();
    var number = firstNumber;
    for (var piece : pieces) {
      columns
          .add("ids", piece.id())
          .add("numbers", number++)
          .add("texts", piece.text())
          .add("metadata", piece.metadata());
    }
    columns
        .bindTo(
            handle
                .createUpdate(
                    """
                    INSERT INTO document_store_file_chunk
                      (id, "docId", "storeId", "chunkNo", "pageContent", metadata)
                    SELECT id::uuid, cast(:docId AS uuid), :store, number::int, text, about
                    FROM unnest(:ids, :numbers, :texts, :metadata) AS p (id, number, text, about)
                    """)
                .bind("docId", docId)
                .bind("store", store))
        .execute();
  }

  private static ArrayNode array(String json) {
    return Json.readOrMissing(json) instanceof ArrayNode array ? array : Json.array();
  }

  private static @Nullable Component component(String json) {
    var read = Json.readOrMissing(json);
    return read.path("name").asString("").isEmpty() ? null : Component.of(read, "the store's row");
  }
}
