package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.testing.TestPostgres;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A database for one test, and what was opened for it. */
final class TestDatabase implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(20);

  final TestPostgres.Db db = TestPostgres.createDatabase();
  final HikariDataSource pool = pool(20);
  private final Deque<AutoCloseable> closing = new ArrayDeque<>();

  /** Returns a pool of connections that the test closes. */
  HikariDataSource pool(int size) {
    var config = new HikariConfig();
    config.setJdbcUrl(db.jdbcUrl());
    config.setUsername(db.user());
    config.setPassword(db.password());
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  /** Returns the jobs in schema graphile_worker, which is up to date. */
  PgJobs jobs() {
    return jobs(SchemaOptions.DEFAULT);
  }

  PgJobs jobs(SchemaOptions options) {
    var jobs = PgJobs.of(pool, options);
    jobs.migrate();
    return jobs;
  }

  <T extends AutoCloseable> T own(T closable) {
    closing.push(closable);
    return closable;
  }

  JobRunner run(PgJobs jobs, Tasks tasks, RunnerOptions.Builder options) {
    return own(JobRunner.start(jobs, tasks, options.build()));
  }

  /** Returns the first column of a query's rows, as text. */
  List<@Nullable String> column(String query, @Nullable Object... values) {
    try (var connection = pool.getConnection();
        var statement = connection.prepareStatement(query)) {
      for (var i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      var result = new ArrayList<@Nullable String>();
      if (statement.execute()) {
        try (var rows = statement.getResultSet()) {
          while (rows.next()) {
            result.add(rows.getString(1));
          }
        }
      }
      return result;
    } catch (SQLException e) {
      throw new Failure(e);
    }
  }

  /** Returns the only value of a query. */
  @Nullable String value(String query, @Nullable Object... values) {
    var column = column(query, values);
    assertThat(column).as(query).hasSize(1);
    return column.getFirst();
  }

  long count(String query, @Nullable Object... values) {
    var value = value(query, values);
    return value == null ? 0 : Long.parseLong(value);
  }

  void awaitCount(String query, long wanted) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(count(query)).isEqualTo(wanted));
  }

  /** An error of PostgreSQL. */
  static final class Failure extends RuntimeException {
    final String state;

    Failure(SQLException cause) {
      super(cause.getMessage(), cause);
      state = SqlErrors.state(cause);
    }
  }

  @Override
  public void close() {
    for (var closable : closing) {
      try {
        closable.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + closable, e);
      }
    }
    pool.close();
  }
}
