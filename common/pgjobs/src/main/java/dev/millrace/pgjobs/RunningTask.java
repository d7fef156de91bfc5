package dev.millrace.pgjobs;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What a task gets to see of its job. */
final class RunningTask implements TaskContext {
  private final PgJobs jobs;
  private final ActiveJob active;
  private final String payload;

  RunningTask(PgJobs jobs, ActiveJob active, String payload) {
    this.jobs = jobs;
    this.active = active;
    this.payload = payload;
  }

  @Override
  public Job job() {
    return active.job();
  }

  @Override
  public String payloadText() {
    return payload;
  }

  @Override
  public JsonNode payload() {
    return Json.tree(payload);
  }

  @Override
  public <T> T payload(Class<T> type) {
    try {
      return Json.MAPPER.readValue(payload, type);
    } catch (JacksonException e) {
      throw new PermanentFailureException(
          "the payload is no %s: %s".formatted(type.getSimpleName(), e.getOriginalMessage()), e);
    }
  }

  @Override
  public Logger logger() {
    MDC.put("job", Long.toString(active.id()));
    MDC.put("task", active.job().task());
    return LoggerFactory.getLogger("pgjobs.task." + active.job().task());
  }

  @Override
  public Job addJob(NewJob job) {
    return jobs.add(job);
  }

  @Override
  public List<Job> addJobs(List<NewJob> many) {
    return jobs.addAll(many);
  }

  @Override
  public List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... values) {
    return jobs.database().call("a task's query failed", c -> Rows.query(c, sql, values));
  }

  @Override
  public <T extends @Nullable Object> T transaction(TransactionWork<T> work) {
    return jobs.database().transaction("a task's transaction failed", c -> work.run(new Open(c)));
  }

  @Override
  public <T extends @Nullable Object> T completeWith(TransactionWork<T> work) {
    var delete = jobs.sql().in("DELETE FROM {schema}._private_jobs WHERE id = ? AND locked_by = ?");
    var free =
        jobs.sql()
            .in(
                """
                UPDATE {schema}._private_job_queues q SET locked_at = NULL, locked_by = NULL
                WHERE q.id = ? AND q.locked_by = ?
                """);
    var result =
        jobs.database()
            .transaction(
                "cannot complete job " + active.id(),
                c -> {
                  var value = work.run(new Open(c));
                  if (Rows.update(c, delete, active.id(), active.pool()) != 1) {
                    throw new SQLException("its lock is lost, so nothing was done", "55000");
                  }
                  if (active.isQueued()) {
                    var _ = Rows.update(c, free, active.queueId(), active.pool());
                  }
                  return value;
                });
    active.completedByTask();
    return result;
  }

  @Override
  public AbortSignal abortSignal() {
    return active.signal();
  }

  /** A transaction that is under way on a connection. */
  private final class Open implements Transaction {
    private final Connection connection;

    Open(Connection connection) {
      this.connection = connection;
    }

    @Override
    public Connection connection() {
      return connection;
    }

    @Override
    public Job addJob(NewJob job) {
      return jobs.add(connection, job);
    }

    @Override
    public List<Job> addJobs(List<NewJob> many) {
      return jobs.addAll(connection, many);
    }

    @Override
    public List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... values) {
      try {
        return Rows.query(connection, sql, values);
      } catch (SQLException e) {
        throw SqlErrors.translated("a query failed", e);
      }
    }

    @Override
    public int update(String sql, @Nullable Object... values) {
      try {
        return Rows.update(connection, sql, values);
      } catch (SQLException e) {
        throw SqlErrors.translated("a statement failed", e);
      }
    }
  }
}
