package dev.millrace.platform.node;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.health.NodeFacts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who is there: every node has a row in {@code millrace.node} that it renews. Ages are measured by
 * PostgreSQL's clock, so the clocks of the nodes do not matter. Thread-safe.
 */
public final class NodeRegistry implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);
  private static final Duration BEAT = Duration.ofSeconds(3);

  /** A node that was silent for so long is not listed any more. */
  static final Duration GONE = Duration.ofSeconds(12);

  private final Database database;
  private final NodeFacts facts;
  private final Load load;
  private final Duration gone;
  private final JsonMapper json;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("node-registry").factory());
  private boolean failing; // only its timer's thread

  /** Does not announce the node yet. */
  public NodeRegistry(Database database, NodeFacts facts, Load load, JsonMapper json) {
    this(database, facts, load, GONE, json);
  }

  NodeRegistry(Database database, NodeFacts facts, Load load, Duration gone, JsonMapper json) {
    this.database = database;
    this.facts = facts;
    this.load = load;
    this.gone = gone;
    this.json = json;
  }

  /** Announces the node, now and every few seconds until {@link #close}. */
  public void announce() {
    beat();
    var _ =
        timer.scheduleWithFixedDelay(
            this::beat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns the nodes that are there, the oldest first. */
  public List<LiveNode> live() {
    return database.with(handle ->
        handle
            .createQuery(
                """
                SELECT facts, load, started,
                  (extract(epoch FROM now() - seen) * 1000)::bigint AS silence
                FROM millrace.node
                WHERE seen > now() - :gone * interval '1 millisecond'
                ORDER BY started, id
                """)
            .bind("gone", gone.toMillis())
            .map((row, context) -> read(row))
            .list());
  }

  /** Takes the node out of the list at once. */
  @Override
  public void close() {
    timer.shutdownNow();
    try {
      database.<Void>with(handle -> {
        handle.execute("DELETE FROM millrace.node WHERE id = ?", facts.id());
        return null;
      });
    } catch (RuntimeException e) {
      LOG.debug("this node stays listed for {} s", gone.toSeconds(), e);
    }
  }

  private void beat() {
    try {
      database.<Void>with(handle -> {
        handle
            .createUpdate(
                """
                WITH forgotten AS (
                  DELETE FROM millrace.node WHERE seen < now() - interval '1 hour' AND id <> :id
                )
                INSERT INTO millrace.node (id, facts, load) VALUES (:id, :facts, :load)
                ON CONFLICT (id) DO UPDATE SET load = excluded.load, seen = now()
                """)
            .bind("id", facts.id())
            .bind("facts", facts.toJson(json).toString())
            .bind("load", json.writeValueAsString(load.read()))
            .execute();
        return null;
      });
      failing = false;
    } catch (RuntimeException e) {
      if (!failing) {
        LOG.atWarn().setCause(e).log("this node cannot say that it is there; it goes on trying");
      }
      failing = true;
    }
  }

  private LiveNode read(ResultSet row) throws SQLException {
    return new LiveNode(
        NodeFacts.read(json.readTree(row.getString("facts"))),
        json.readTree(row.getString("load")),
        row.getTimestamp("started").toInstant(),
        Duration.ofMillis(Math.max(0, row.getLong("silence"))));
  }
}
