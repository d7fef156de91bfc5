package dev.millrace.platform.runs;

import dev.millrace.flows.engine.FlowStore.StoredDocuments;
import dev.millrace.flows.engine.FlowStore.StoredPiece;
import dev.millrace.flows.engine.FlowStore.StoredTool;
import dev.millrace.platform.db.Database;
import java.util.List;
import java.util.Optional;

/** Reads what users stored for their flows: tools and documents, in Flowise's tables. */
final class LibraryQueries {
  private final Database database;

  LibraryQueries(Database database) {
    this.database = database;
  }

  Optional<StoredTool> tool(String id, String workspaceId) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT name, description, coalesce(schema, ''), coalesce(func, '') FROM tool
                WHERE id::text = :id AND "workspaceId" = :workspace
                """)
            .bind("id", id)
            .bind("workspace", workspaceId)
            .map((row, context) ->
                new StoredTool(
                    row.getString(1), row.getString(2), row.getString(3), row.getString(4)))
            .findOne());
  }

  Optional<StoredDocuments> documents(String id, String workspaceId) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT id::text, name, coalesce(description, ''),
                  coalesce("vectorStoreConfig", ''), coalesce("embeddingConfig", '')
                FROM document_store WHERE id::text = :id AND "workspaceId" = :workspace
                """)
            .bind("id", id)
            .bind("workspace", workspaceId)
            .map((row, context) ->
                new StoredDocuments(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5)))
            .findOne());
  }

  List<StoredPiece> pieces(String storeId, int from, int limit) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT coalesce("pageContent", ''), coalesce(metadata, '')
                FROM document_store_file_chunk WHERE "storeId" = cast(:id AS uuid)
                ORDER BY "docId", "chunkNo", id OFFSET :from LIMIT :limit
                """)
            .bind("id", storeId)
            .bind("from", from)
            .bind("limit", limit)
            .map((row, context) -> new StoredPiece(row.getString(1), row.getString(2)))
            .list());
  }
}
