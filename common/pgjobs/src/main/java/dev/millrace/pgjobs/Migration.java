package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a schema to the revision that is wanted. Each step is a transaction that writes its row to
 * {@code migrations} first, so that of several processes, graphile-worker's among them, one does it
 * and the others find it done.
 */
final class Migration {
  private static final Logger log = LoggerFactory.getLogger(Migration.class);

  /** The newest revision that is known here. */
  static final int NEWEST = 20;

  private static final int NEWEST_BREAKING = 19;

  /** What graphile-worker 0.16 ends with, and what {@code tables.sql} makes. */
  private static final int BASE = 18;

  private static final Set<Integer> BREAKING = Set.of(1, 3, 11, 13, 14, 16, 19);

  /** How long another process may take for a step. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final long LOOK_MS = 100;

  private final Database database;
  private final Sql sql;
  private final SchemaOptions options;

  Migration(Database database, Sql sql, SchemaOptions options) {
    this.database = database;
    this.sql = sql;
    this.options = options;
  }

  /**
   * Where a schema stands.
   *
   * @param revision its newest revision, 0 for none
   * @param breaking the newest one that broke with those before it
   */
  private record Found(int revision, int breaking) {}

  /** Whether a running process that knows revisions up to {@link #NEWEST} can go on. */
  static boolean breaksWithUs(int revision, boolean breaking) {
    return breaking && revision > NEWEST;
  }

  void run() {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    var found = database.call("cannot read the revision of schema " + sql, this::find);
    while (found.revision() < options.compatibility().revision()) {
      requireKnown(found);
      var changed = isOurs(found) ? step(found) : await();
      var now = database.call("cannot read the revision of schema " + sql, this::find);
      if (changed || now.revision() > found.revision()) {
        deadline = System.nanoTime() + PATIENCE.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw stuck(now);
      }
      found = now;
    }
    requireKnown(found);
    database.transaction("cannot add to schema " + sql, this::addOwn);
  }

  /** Whether we can take the next step; between, somebody else has to. */
  private static boolean isOurs(Found found) {
    return found.revision() == 0 || found.revision() >= BASE;
  }

  private PgJobsException stuck(Found found) {
    if (isOurs(found)) {
      return new PgJobsException(
          "schema %s stays at revision %d: another process seems to hang while it migrates it"
              .formatted(sql, found.revision()));
    }
    return new SchemaVersionException(
        """
        Schema %s has revision %d, of a graphile-worker before 0.16. Let npm's graphile-worker \
        0.16, 0.17 or 0.18 migrate it (graphile-worker --schema-only), then start again.\
        """
            .formatted(sql, found.revision()));
  }

  private void requireKnown(Found found) {
    if (found.breaking() > NEWEST_BREAKING) {
      throw new SchemaVersionException(
          """
          Database is using Graphile Worker schema revision %d, which breaks with the revisions \
          up to %d that this library knows (schema %s). Use a newer version of it; the schema was \
          not changed.\
          """
              .formatted(found.breaking(), NEWEST, sql));
    }
    if (found.revision() > NEWEST) {
      log.warn(
          "Schema {} has revision {}, newer than {}; it does not break with ours",
          sql,
          found.revision(),
          NEWEST);
    }
  }

  private Found find(Connection connection) throws SQLException {
    var query =
        """
        SELECT coalesce(max(id), 0), coalesce(max(id) FILTER (WHERE breaking), 0)
        FROM {schema}.migrations
        """;
    try (var statement = connection.prepareStatement(sql.in(query));
        var rows = statement.executeQuery()) {
      rows.next();
      return new Found(rows.getInt(1), rows.getInt(2));
    } catch (SQLException e) {
      if (SqlErrors.isMissing(e)) {
        return new Found(0, 0);
      }
      throw e;
    }
  }

  /** Takes one step; returns false when another process was faster. */
  private boolean step(Found found) {
    try {
      if (found.revision() == 0) {
        database.transaction("cannot make schema " + sql, this::prepare);
      }
      database.transaction(
          "cannot migrate schema " + sql,
          connection -> found.revision() == 0 ? install(connection) : next(connection, found));
      return true;
    } catch (PgJobsException e) {
      if (e.getCause() instanceof SQLException cause && SqlErrors.isCreatedMeanwhile(cause)) {
        return await();
      }
      throw e;
    }
  }

  private static boolean await() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PgJobsException("interrupted while another process migrated the schema");
    }
  }

  /**
   * Makes room for the rows of revisions; committed by itself, since others wait for it meanwhile.
   */
  private @Nullable Void prepare(Connection connection) throws SQLException {
    lock(connection);
    if (!exists(connection, "SELECT to_regnamespace({schema-text}) IS NOT NULL")) {
      execute(connection, sql.in("CREATE SCHEMA {schema}"));
    }
    var table =
        """
        CREATE TABLE IF NOT EXISTS {schema}.migrations (
          id integer CONSTRAINT migrations_pkey PRIMARY KEY,
          ts timestamptz NOT NULL DEFAULT now(),
          breaking boolean NOT NULL DEFAULT false
        );
        ALTER TABLE {schema}.migrations ADD COLUMN IF NOT EXISTS
          breaking boolean NOT NULL DEFAULT false
        """;
    execute(connection, sql.in(table));
    return null;
  }

  private @Nullable Void install(Connection connection) throws SQLException {
    lock(connection);
    if (find(connection).revision() != 0) {
      return null;
    }
    for (var revision = 1; revision <= options.compatibility().revision(); revision++) {
      record(connection, revision);
    }
    execute(connection, sql.resource("tables.sql"));
    execute(connection, sql.resource("admin.sql"));
    execute(connection, sql.resource("adding.sql"));
    return null;
  }

  /** Revision 19 only says that locks are those of pools; 20 renews the functions that add. */
  private @Nullable Void next(Connection connection, Found found) throws SQLException {
    lock(connection);
    var revision = found.revision() + 1;
    if (find(connection).revision() >= revision) {
      return null;
    }
    record(connection, revision);
    if (revision == NEWEST) {
      execute(connection, sql.resource("adding.sql"));
    }
    var note =
        Json.object()
            .put("migrationNumber", revision)
            .put("breaking", BREAKING.contains(revision))
            .toString();
    try (var statement = connection.prepareStatement("SELECT pg_notify('worker:migrate', ?)")) {
      statement.setString(1, note);
      statement.execute();
    }
    log.info("Schema {} was migrated from revision {} to {}", sql, found.revision(), revision);
    return null;
  }

  private void record(Connection connection, int revision) throws SQLException {
    var insert = sql.in("INSERT INTO {schema}.migrations (id, breaking) VALUES (?, ?)");
    try (var statement = connection.prepareStatement(insert)) {
      statement.setInt(1, revision);
      statement.setBoolean(2, BREAKING.contains(revision));
      statement.executeUpdate();
    }
  }

  /** Adds what graphile-worker does not have, where it is missing and we may. */
  private @Nullable Void addOwn(Connection connection) throws SQLException {
    add(
        connection,
        "SELECT to_regnamespace('millrace_pgjobs') IS NOT NULL",
        sql.resource("own.sql"),
        "dead runners are found after four hours only");
    add(
        connection,
        "SELECT to_regclass({schema-text} || '.millrace_queue_index') IS NOT NULL",
        sql.in(
            """
            CREATE INDEX millrace_queue_index ON {schema}._private_jobs
              (job_queue_id, priority, run_at) WHERE is_available AND job_queue_id IS NOT NULL
            """),
        "many jobs in named queues are slow to fetch");
    if (options.optionsOverload()) {
      add(
          connection,
          "SELECT to_regprocedure({schema-text} || '.add_job(text, json, json)') IS NOT NULL",
          sql.resource("options.sql"),
          "add_job(identifier, payload, options) is not there");
    }
    return null;
  }

  private void add(Connection connection, String isThere, String statement, String otherwise)
      throws SQLException {
    if (exists(connection, isThere)) {
      return;
    }
    var before = connection.setSavepoint();
    try {
      lock(connection);
      if (!exists(connection, isThere)) {
        execute(connection, statement);
      }
    } catch (SQLException e) {
      if (SqlErrors.isCreatedMeanwhile(e)) {
        connection.rollback(before);
        return;
      }
      if (!SqlErrors.isForbidden(e)) {
        throw e;
      }
      connection.rollback(before);
      log.warn("The role may not do this, so {}: {}", otherwise, statement.strip());
    }
  }

  /** Lets one of our processes at a time change the schema, until its transaction ends. */
  private void lock(Connection connection) throws SQLException {
    try (var statement =
        connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtext(?), 7)")) {
      statement.setString(1, "pgjobs");
      statement.execute();
    }
  }

  private boolean exists(Connection connection, String query) throws SQLException {
    try (var statement = connection.prepareStatement(sql.in(query));
        var rows = statement.executeQuery()) {
      return rows.next() && rows.getBoolean(1);
    }
  }

  private static void execute(Connection connection, String text) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(text);
    }
  }
}
