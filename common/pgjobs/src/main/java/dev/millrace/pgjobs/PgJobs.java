package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of one schema: makes the schema, adds jobs and looks after them. Thread-safe; holds no
 * connection between calls. All methods throw {@link PgJobsException} when PostgreSQL refuses or is
 * away.
 */
public final class PgJobs implements AutoCloseable {
  private final Database database;
  private final SchemaOptions options;
  private final Sql sql;
  private final JobAdder adder;
  private final JobAdmin admin;
  private final Overview overview;
  private final AutoCloseable owned;

  private PgJobs(DataSource source, SchemaOptions options, AutoCloseable owned) {
    database = new Database(source);
    this.options = options;
    this.owned = owned;
    sql = new Sql(options.name());
    adder = new JobAdder(sql);
    admin = new JobAdmin(sql);
    overview = new Overview(sql, options.name());
  }

  /** Uses the jobs in schema {@code graphile_worker}; the data source stays the caller's. */
  public static PgJobs of(DataSource source) {
    return of(source, SchemaOptions.DEFAULT);
  }

  /** Uses the jobs of a schema; the data source stays the caller's. */
  public static PgJobs of(DataSource source, SchemaOptions options) {
    return new PgJobs(source, options, () -> {});
  }

  /**
   * Uses the jobs of a schema over a pool of connections of its own, which {@link #close} closes.
   * Needs HikariCP on the class path.
   *
   * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
   * @param maxConnections a runner holds four of them and its tasks take more; at least 6
   */
  public static PgJobs connect(
      String jdbcUrl, String user, String password, int maxConnections, SchemaOptions options) {
    var pool = OwnPool.open(jdbcUrl, user, password, maxConnections);
    return new PgJobs(pool, options, pool);
  }

  /** As the longer one, with ten connections and schema {@code graphile_worker}. */
  public static PgJobs connect(String jdbcUrl, String user, String password) {
    return connect(jdbcUrl, user, password, 10, SchemaOptions.DEFAULT);
  }

  /**
   * Creates the schema, or brings it up to date. Any number of processes may do so at once, those
   * of graphile-worker among them. Does nothing when nothing is to be done.
   *
   * @throws SchemaVersionException when the schema is newer than this library and broke with it, or
   *     older than graphile-worker 0.16
   */
  public void migrate() {
    new Migration(database, sql, options).run();
  }

  /** Adds a job to task {@code task}; {@code payload} is JSON text. */
  public Job add(String task, String payload) {
    return add(NewJob.of(task, payload));
  }

  /** Adds a job, or changes the one that has its key; returns it as it then is. */
  public Job add(NewJob job) {
    return database.call("cannot add a job for " + job.task(), c -> adder.add(c, job));
  }

  /** As {@link #add(NewJob)}, in the caller's transaction: the job is there when it commits. */
  public Job add(Connection connection, NewJob job) {
    try {
      return adder.add(connection, job);
    } catch (SQLException e) {
      throw SqlErrors.translated("cannot add a job for " + job.task(), e);
    }
  }

  /**
   * Adds jobs in one statement, with one notification. All of them, or none.
   *
   * @throws IllegalArgumentException when a job has mode {@link JobKeyMode#UNSAFE_DEDUPE}, or the
   *     modes differ
   * @throws PgJobsException when two of them have the same key
   */
  public List<Job> addAll(List<NewJob> jobs) {
    return database.call("cannot add %d jobs".formatted(jobs.size()), c -> adder.addAll(c, jobs));
  }

  /** As {@link #addAll(List)}, in the caller's transaction. */
  public List<Job> addAll(Connection connection, List<NewJob> jobs) {
    try {
      return adder.addAll(connection, jobs);
    } catch (SQLException e) {
      throw SqlErrors.translated("cannot add %d jobs".formatted(jobs.size()), e);
    }
  }

  /** Returns a job; empty when there is none, as after its success. */
  public Optional<Job> find(long id) {
    return database.call("cannot read job " + id, c -> admin.find(c, id));
  }

  /** Returns jobs that a filter lets through, in the order in which they would run. */
  public List<Job> list(JobFilter filter) {
    return database.call("cannot list jobs", c -> admin.list(c, filter));
  }

  /** Returns a job's payload; empty when there is no such job. */
  public Optional<String> payload(long id) {
    return database.call("cannot read the payload of job " + id, c -> admin.payload(c, id));
  }

  /**
   * Returns the payloads of jobs, by their ids; jobs that are not there are left out.
   *
   * @param longest bytes beyond which only the length is told
   */
  public Map<Long, Payload> payloads(Collection<Long> ids, int longest) {
    return database.call("cannot read payloads", c -> overview.payloads(c, ids, longest));
  }

  /** Returns the time of the database, by which jobs wait: not that of this machine. */
  public Instant now() {
    return database.call("cannot ask for the time", admin::now);
  }

  /** Returns how many jobs of each task stand where; reads the whole table of jobs. */
  public List<JobCounts> counts() {
    return database.call("cannot count jobs", overview::counts);
  }

  /** Returns the runners of ours that work on this schema, those that have died lately too. */
  public List<Runner> runners() {
    return database.call("cannot read the runners", overview::runners);
  }

  /** Returns the schema's revision, 0 when it is not there yet. */
  public int revision() {
    return database.call("cannot read the revision of schema " + sql, overview::revision);
  }

  /** Removes jobs as if they had succeeded; skips those that run. Returns the removed ones. */
  public List<Job> complete(Collection<Long> ids) {
    return database.call("cannot complete jobs", c -> admin.complete(c, ids));
  }

  /** Fails jobs for good; skips those that run. Returns the failed ones. */
  public List<Job> permanentlyFail(Collection<Long> ids, @Nullable String message) {
    return database.call("cannot fail jobs", c -> admin.permanentlyFail(c, ids, message));
  }

  /** Changes when and how often jobs run; skips those that run. Returns the changed ones. */
  public List<Job> reschedule(Collection<Long> ids, Reschedule change) {
    return database.call("cannot reschedule jobs", c -> admin.reschedule(c, ids, change));
  }

  /**
   * Removes the job with a key. One that runs comes to its end, but is not tried again. Empty when
   * there is none.
   */
  public Optional<Job> remove(String jobKey) {
    return database.call("cannot remove job " + jobKey, c -> admin.remove(c, jobKey));
  }

  /** Frees the jobs and queues of workers that are known to be dead. */
  public void forceUnlock(Collection<String> workerIds) {
    database.call("cannot unlock workers", c -> admin.forceUnlock(c, workerIds));
  }

  /**
   * Removes what piles up; returns how many rows.
   *
   * @param keepTasks tasks whose names stay though they have no jobs: those of running workers
   */
  public int cleanup(Set<Cleanup> what, Set<String> keepTasks) {
    return database.transaction("cannot clean up", c -> admin.cleanup(c, what, keepTasks));
  }

  /** Returns the schema and what is in it. */
  public SchemaOptions options() {
    return options;
  }

  Database database() {
    return database;
  }

  Sql sql() {
    return sql;
  }

  JobAdder adder() {
    return adder;
  }

  /** Closes the pool that {@link #connect} opened; does nothing otherwise. */
  @Override
  public void close() {
    try {
      owned.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new PgJobsException("cannot close the connections of " + sql, "", e);
    }
  }
}
