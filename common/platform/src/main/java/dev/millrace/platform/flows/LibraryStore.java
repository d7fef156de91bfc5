package dev.millrace.platform.flows;

import dev.millrace.flows.model.JsonText;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.RowId;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stores what flows use besides each other, tools and variables, in Flowise's tables, under the ids
 * that they had where they come from, as flows name tools by their ids. Thread-safe.
 */
public final class LibraryStore {
  private final Database database;

  public LibraryStore(Database database) {
    this.database = database;
  }

  /** What became of a row. */
  public enum Outcome {
    CREATED,
    REPLACED,
    /** It was there already, and stayed as it was. */
    KEPT
  }

  /**
   * Stores a tool.
   *
   * @param otherwise its id when the row has none
   * @param row {@code {id, name, description, color, iconSrc, schema, func}}
   * @param overwrite whether it takes the place of one with its id
   * @throws InvalidEntityException when it has no name or no function, or when another workspace
   *     has a tool of this id
   */
  public Outcome tool(UUID otherwise, ObjectNode row, String workspaceId, boolean overwrite) {
    var id = id(row, otherwise);
    required(row, "tool", "name");
    required(row, "tool", "func");
    return database.inTransaction(handle -> {
      var created =
          handle
              .createUpdate(
                  """
                  INSERT INTO tool (id, name, description, color, "iconSrc", schema, func,
                      "workspaceId")
                  VALUES (:id, :name, :description, :color, :iconSrc, :schema, :func, :workspace)
                  ON CONFLICT (id) DO NOTHING
                  """)
              .bind("id", id)
              .bind("name", text(row, "name"))
              .bind("description", text(row, "description"))
              .bind("color", row.path("color").asString("linear-gradient(rgb(0,0,0), rgb(0,0,0))"))
              .bind("iconSrc", row.path("iconSrc").stringValue(null))
              .bind("schema", text(row, "schema"))
              .bind("func", text(row, "func"))
              .bind("workspace", workspaceId)
              .execute();
      if (created == 1) {
        return Outcome.CREATED;
      }
      if (!ours(handle, "tool", id, workspaceId)) {
        throw elsewhere("tool", row, id);
      }
      if (!overwrite) {
        return Outcome.KEPT;
      }
      handle
          .createUpdate(
              """
              UPDATE tool SET name = :name, description = :description, schema = :schema,
                  func = :func, "updatedDate" = now()
              WHERE id = :id
              """)
          .bind("id", id)
          .bind("name", text(row, "name"))
          .bind("description", text(row, "description"))
          .bind("schema", text(row, "schema"))
          .bind("func", text(row, "func"))
          .execute();
      return Outcome.REPLACED;
    });
  }

  /**
   * Stores a variable. Flows name it by its name, so one of the same name is the same one. A value
   * that the row leaves out, as exports do, leaves an existing one as it is.
   *
   * @param otherwise its id when the row has none
   * @param row {@code {id, name, type, value}}
   * @param overwrite whether it takes the place of one with its id or name
   * @throws InvalidEntityException when it has no name, or when another workspace has a variable of
   *     this id
   */
  public Outcome variable(UUID otherwise, ObjectNode row, String workspaceId, boolean overwrite) {
    var id = id(row, otherwise);
    var name = required(row, "variable", "name");
    var type = row.path("type").asString("static");
    return database.inTransaction(handle -> {
      var known = named(handle, name, workspaceId).or(() -> known(handle, id));
      if (known.isEmpty()) {
        handle
            .createUpdate(
                """
                INSERT INTO variable (id, name, value, type, "workspaceId")
                VALUES (:id, :name, :value, :type, :workspace)
                """)
            .bind("id", id)
            .bind("name", name)
            .bind("value", text(row, "value"))
            .bind("type", type)
            .bind("workspace", workspaceId)
            .execute();
        return Outcome.CREATED;
      }
      if (!ours(handle, "variable", known.get(), workspaceId)) {
        throw elsewhere("variable", row, id);
      }
      if (!overwrite) {
        return Outcome.KEPT;
      }
      handle
          .createUpdate(
              """
              UPDATE variable SET name = :name, value = coalesce(nullif(:value, ''), value),
                  type = :type, "updatedDate" = now()
              WHERE id = :id
              """)
          .bind("id", known.get())
          .bind("name", name)
          .bind("value", text(row, "value"))
          .bind("type", type)
          .execute();
      return Outcome.REPLACED;
    });
  }

  private static Optional<UUID> named(Handle handle, String name, String workspaceId) {
    return handle
        .createQuery(
            """
            SELECT id FROM variable WHERE name = :name AND "workspaceId" = :workspace
            ORDER BY "createdDate" LIMIT 1
            """)
        .bind("name", name)
        .bind("workspace", workspaceId)
        .mapTo(UUID.class)
        .findOne();
  }

  private static Optional<UUID> known(Handle handle, UUID id) {
    return handle
        .createQuery("SELECT id FROM variable WHERE id = :id")
        .bind("id", id)
        .mapTo(UUID.class)
        .findOne();
  }

  private static boolean ours(Handle handle, String table, UUID id, String workspaceId) {
    return handle
        .createQuery(
            "SELECT count(*) FROM " + table + " WHERE id = :id AND \"workspaceId\" = :workspace")
        .bind("id", id)
        .bind("workspace", workspaceId)
        .mapTo(Integer.class)
        .one()
        .equals(1);
  }

  private static InvalidEntityException elsewhere(String kind, ObjectNode row, UUID id) {
    return new InvalidEntityException(
        "the "
            + kind
            + " \""
            + text(row, "name")
            + "\" has the id "
            + id
            + ", which another workspace uses: give it another id");
  }

  private static UUID id(ObjectNode row, UUID otherwise) {
    return RowId.parse(row.path("id").asString("")).orElse(otherwise);
  }

  private static String required(ObjectNode row, String kind, String member) {
    var text = text(row, member);
    if (text.isBlank()) {
      throw new InvalidEntityException("a " + kind + " needs a " + member);
    }
    return text;
  }

  private static String text(ObjectNode row, String member) {
    return JsonText.of(row.path(member));
  }
}
