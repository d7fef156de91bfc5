package dev.millrace.platform.db;

import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The organization and workspace that everything belongs to unless the caller names another. */
public final class Workspaces {
  /**
   * A workspace.
   *
   * @param organizationId its organization, a UUID
   * @param workspaceId its id, a UUID
   */
  public record Workspace(String organizationId, String workspaceId) {}

  private final Database database;

  public Workspaces(Database database) {
    this.database = database;
  }

  /**
   * Returns the oldest workspace.
   *
   * @throws SchemaException when there is none, which happens only on the tables of a Flowise that
   *     was never set up
   */
  public Workspace defaultWorkspace() {
    return database
        .with(Workspaces::oldest)
        .orElseThrow(() ->
            new SchemaException(
                "the Flowise that made this database has no workspace yet; open Flowise once"
                    + " and register its first account, or give Millrace a database of its"
                    + " own (DATABASE_NAME)"));
  }

  /** Returns a workspace by its id. */
  public Optional<Workspace> find(String workspaceId) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT "organizationId"::text AS organization, id::text AS workspace
                FROM workspace WHERE id::text = :id
                """)
            .bind("id", workspaceId)
            .map((row, context) ->
                new Workspace(row.getString("organization"), row.getString("workspace")))
            .findOne());
  }

  private static Optional<Workspace> oldest(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT "organizationId"::text AS organization, id::text AS workspace
            FROM workspace ORDER BY "createdDate", id LIMIT 1
            """)
        .map((row, context) ->
            new Workspace(row.getString("organization"), row.getString("workspace")))
        .findOne();
  }

  /**
   * Creates the default rows where Millrace made the tables. Those of Flowise need a user, whom
   * only Flowise can create.
   */
  static boolean create(Handle handle, Migrations.TableOwner owner) {
    if (owner == Migrations.TableOwner.FLOWISE || oldest(handle).isPresent()) {
      return false;
    }
    handle.execute(
        """
        WITH organization AS (
          INSERT INTO organization (name) VALUES ('Default Organization') RETURNING id)
        INSERT INTO workspace (name, "organizationId")
        SELECT 'Default Workspace', id FROM organization
        """);
    return true;
  }
}
