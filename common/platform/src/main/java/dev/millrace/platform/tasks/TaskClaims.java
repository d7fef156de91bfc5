package dev.millrace.platform.tasks;

import dev.millrace.platform.db.Database;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who runs which task. A claim is of one node and one attempt; what a node writes whose claim was
 * taken from it, because it froze for too long, does not arrive. Time is PostgreSQL's. Thread-safe.
 */
final class TaskClaims {
  private static final String MINE = "id = :id AND owner = :owner AND attempt = :attempt";

  private final Database database;
  private final UUID owner;
  private final TaskStore store;

  /** A task that this node may run. */
  record Claim(Task task, int attempt) {}

  TaskClaims(Database database, UUID owner, JsonMapper json) {
    this.database = database;
    this.owner = owner;
    this.store = new TaskStore(database, json);
  }

  /** Claims a task that nobody runs; nothing when somebody does, or it has ended. */
  Optional<Claim> claim(UUID id) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                UPDATE millrace.task
                SET state = 'RUNNING', owner = :owner, attempt = attempt + 1, beat = now(),
                  started = coalesce(started, now())
                WHERE id = :id AND state = 'PENDING'
                RETURNING
                """
                    + TaskStore.COLUMNS)
            .bind("id", id)
            .bind("owner", owner)
            .map((row, context) -> store.read(row))
            .findOne()
            .map(task -> new Claim(task, task.attempt())));
  }

  /** Says that this node is at work on tasks; returns those whose claim is no longer its own. */
  Set<UUID> renew(Collection<Claim> claims) {
    var lost = new HashSet<UUID>();
    database.<Void>with(handle -> {
      for (var claim : claims) {
        var renewed =
            handle
                .createUpdate(
                    "UPDATE millrace.task SET beat = now() WHERE state = 'RUNNING' AND " + MINE)
                .bind("id", claim.task().id())
                .bind("owner", owner)
                .bind("attempt", claim.attempt())
                .execute();
        if (renewed == 0) {
          lost.add(claim.task().id());
        }
      }
      return null;
    });
    return lost;
  }

  /** Writes how far a task is; returns whether the claim still holds. */
  boolean progress(Claim claim, double current, double total) {
    return database.with(handle ->
        handle
                .createUpdate(
                    """
                    UPDATE millrace.task
                    SET progress_current = :current, progress_total = :total, beat = now()
                    WHERE state = 'RUNNING' AND
                    """
                        + MINE)
                .bind("current", current)
                .bind("total", total)
                .bind("id", claim.task().id())
                .bind("owner", owner)
                .bind("attempt", claim.attempt())
                .execute()
            == 1);
  }

  /**
   * Ends a task, together with its file; returns whether it did, and not somebody else before.
   *
   * @param result JSON; null for none
   */
  boolean finish(Claim claim, TaskState state, @Nullable String result, Task.@Nullable File file) {
    return database.inTransaction(handle -> {
      var ended =
          handle
              .createUpdate(
                  """
                  UPDATE millrace.task SET state = :state, result = :result, done = now()
                  WHERE state = 'RUNNING' AND
                  """
                      + MINE)
              .bind("state", state.name())
              .bind("result", result)
              .bind("id", claim.task().id())
              .bind("owner", owner)
              .bind("attempt", claim.attempt())
              .execute();
      if (ended == 1 && file != null) {
        handle
            .createUpdate(
                """
                INSERT INTO millrace.task_file (task, name, type, content)
                VALUES (:task, :name, :type, :content)
                """)
            .bind("task", claim.task().id())
            .bind("name", file.name())
            .bind("type", file.type())
            .bind("content", file.content())
            .execute();
      }
      return ended == 1;
    });
  }

  /** Gives a task back that this node began and will not end, as if it had not begun. */
  void giveBack(Claim claim) {
    database.<Void>with(handle -> {
      handle
          .createUpdate(
              """
              UPDATE millrace.task
              SET state = 'PENDING', owner = NULL, attempt = attempt - 1, beat = NULL,
                rung = '-infinity'
              WHERE state = 'RUNNING' AND
              """
                  + MINE)
          .bind("id", claim.task().id())
          .bind("owner", owner)
          .bind("attempt", claim.attempt())
          .execute();
      return null;
    });
  }

  /** A task whose node is gone. */
  record Abandoned(UUID id, String type, int attempt) {}

  /** Returns tasks whose nodes have been silent for that long. */
  List<Abandoned> abandoned(Duration silence) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT id, type, attempt FROM millrace.task
                WHERE state = 'RUNNING' AND beat < now() - :silence * interval '1 millisecond'
                ORDER BY beat LIMIT 100
                """)
            .bind("silence", silence.toMillis())
            .map((row, context) ->
                new Abandoned(
                    row.getObject("id", UUID.class), row.getString("type"), row.getInt("attempt")))
            .list());
  }

  /**
   * Takes a task from a node that is gone.
   *
   * @param failure JSON that ends it; null to have it run again
   * @return the task as it is then; nothing when somebody else did, or the node came back
   */
  Optional<Task> takeFrom(Abandoned task, Duration silence, @Nullable String failure) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                UPDATE millrace.task
                SET state = CASE WHEN :failure::text IS NULL THEN 'PENDING' ELSE 'FAILED' END,
                  result = :failure::text, owner = NULL, beat = NULL, rung = '-infinity',
                  done = CASE WHEN :failure::text IS NULL THEN NULL ELSE now() END
                WHERE id = :id AND attempt = :attempt AND state = 'RUNNING'
                  AND beat < now() - :silence * interval '1 millisecond'
                RETURNING
                """
                    + TaskStore.COLUMNS)
            .bind("id", task.id())
            .bind("attempt", task.attempt())
            .bind("silence", silence.toMillis())
            .bind("failure", failure)
            .map((row, context) -> store.read(row))
            .findOne());
  }

  /** Returns tasks that wait and of which the queue was not told for that long; now it will be. */
  List<UUID> unheard(Duration age) {
    return database.with(handle ->
        handle
            .createQuery(
                """
                UPDATE millrace.task SET rung = now()
                WHERE id IN (
                  SELECT id FROM millrace.task
                  WHERE state = 'PENDING' AND rung < now() - :age * interval '1 millisecond'
                  ORDER BY created LIMIT 100
                  FOR UPDATE SKIP LOCKED)
                RETURNING id
                """)
            .bind("age", age.toMillis())
            .mapTo(UUID.class)
            .list());
  }

  /** Deletes tasks that ended that long ago, with their files; returns how many. */
  int forget(Duration age) {
    return database.with(handle ->
        handle
            .createUpdate(
                """
                DELETE FROM millrace.task WHERE id IN (
                  SELECT id FROM millrace.task
                  WHERE done < now() - :age * interval '1 millisecond' LIMIT 1000)
                """)
            .bind("age", age.toMillis())
            .execute());
  }
}
