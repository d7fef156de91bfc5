package dev.millrace.platform.db;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.millrace.pgjobs.PromptSocketFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The connection pool of a process. Thread-safe; every call may block for a connection, at most
 * {@value #CONNECTION_TIMEOUT_MS} ms. PostgreSQL may be away when it is opened and may go away and
 * come back: calls fail with {@link DatabaseUnavailableException} in between.
 *
 * <p>Sessions run in UTC with search path {@code public}. Text is bound without a type, so that it
 * suits uuid, json and timestamp columns alike.
 */
public final class Database implements AutoCloseable {
  private static final long CONNECTION_TIMEOUT_MS = 5_000;
  private static final Duration KEEPALIVE = Duration.ofMinutes(2);
  private static final Duration MAX_LIFETIME = Duration.ofMinutes(25);

  /**
   * Where PostgreSQL is and how to use it.
   *
   * @param jdbcUrl without user and password
   * @param poolSize most connections that this process opens at once
   * @param applicationName shown in {@code pg_stat_activity}
   * @param driverProperties further properties of pgjdbc ({@code sslmode}, …); they win over ours
   */
  public record Endpoint(
      String jdbcUrl,
      String user,
      String password,
      int poolSize,
      String applicationName,
      Map<String, String> driverProperties) {
    public Endpoint {
      if (!jdbcUrl.startsWith("jdbc:postgresql:")) {
        throw new IllegalArgumentException(
            "the database has to be PostgreSQL, but its URL is " + jdbcUrl);
      }
      if (poolSize < 1) {
        throw new IllegalArgumentException("poolSize is " + poolSize + "; it has to be 1 or more");
      }
      driverProperties = Map.copyOf(driverProperties);
    }

    @Override
    public String toString() {
      return jdbcUrl + " as " + user;
    }

    Map<String, String> properties() {
      var all = new HashMap<String, String>();
      all.put("ApplicationName", applicationName);
      all.put("connectTimeout", "5");
      all.put("currentSchema", "public");
      all.put("socketTimeout", "60");
      all.put("stringtype", "unspecified");
      all.put("tcpKeepAlive", "true");
      all.putAll(driverProperties);
      return all;
    }
  }

  private final Endpoint endpoint;
  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final LongAdder statements = new LongAdder();

  private Database(Endpoint endpoint, HikariDataSource pool) {
    this.endpoint = endpoint;
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
    this.jdbi.setSqlLogger(
        new SqlLogger() {
          @Override
          public void logBeforeExecution(StatementContext context) {
            statements.increment();
          }
        });
  }

  /** Opens a pool without waiting for PostgreSQL. */
  public static Database open(Endpoint endpoint) {
    var config = new HikariConfig();
    config.setPoolName("millrace-db");
    config.setJdbcUrl(endpoint.jdbcUrl());
    config.setUsername(endpoint.user());
    config.setPassword(endpoint.password());
    config.setMaximumPoolSize(endpoint.poolSize());
    config.setMinimumIdle(Math.min(2, endpoint.poolSize()));
    config.setConnectionTimeout(CONNECTION_TIMEOUT_MS);
    config.setInitializationFailTimeout(-1);
    config.setKeepaliveTime(KEEPALIVE.toMillis());
    config.setMaxLifetime(MAX_LIFETIME.toMillis());
    config.setConnectionInitSql("SET TIME ZONE 'UTC'");
    // Background jobs are heard of through these connections too.
    config.addDataSourceProperty("socketFactory", PromptSocketFactory.class.getName());
    endpoint.properties().forEach(config::addDataSourceProperty);
    return new Database(endpoint, new HikariDataSource(config));
  }

  /** Returns where PostgreSQL is. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Returns the pool for libraries that speak JDBC. */
  public DataSource dataSource() {
    return pool;
  }

  /** Returns the pool as JDBI; its exceptions are not translated. */
  public Jdbi jdbi() {
    return jdbi;
  }

  /**
   * Runs statements that commit one by one.
   *
   * @throws DatabaseUnavailableException when PostgreSQL is away
   */
  public <R extends @Nullable Object> R with(HandleCallback<R, RuntimeException> work) {
    try {
      return jdbi.withHandle(work);
    } catch (JdbiException e) {
      throw translate(e);
    }
  }

  /**
   * Runs statements as one transaction, which is rolled back when {@code work} throws.
   *
   * @throws DatabaseUnavailableException when PostgreSQL is away; the commit may have happened
   */
  public <R extends @Nullable Object> R inTransaction(HandleCallback<R, RuntimeException> work) {
    try {
      return jdbi.inTransaction(work);
    } catch (JdbiException e) {
      throw translate(e);
    }
  }

  /**
   * Opens a connection of the caller's own, outside of the pool; the caller closes it.
   *
   * @param process shown in {@code pg_stat_activity}
   */
  public Connection connect(String process) throws SQLException {
    var properties = new Properties();
    properties.putAll(endpoint.properties());
    properties.setProperty("ApplicationName", process);
    properties.setProperty("user", endpoint.user());
    properties.setProperty("password", endpoint.password());
    return DriverManager.getConnection(endpoint.jdbcUrl(), properties);
  }

  /** Tells whether PostgreSQL answers a query within the limit. Never throws. */
  public boolean ping(Duration limit) {
    var answer = new CompletableFuture<Boolean>();
    Thread.ofVirtual().name("database-ping").start(() -> answer.complete(answers(limit)));
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Returns how many SQL statements this process has sent, for tests and benchmarks. */
  public long statements() {
    return statements.sum();
  }

  @Override
  public void close() {
    pool.close();
  }

  private boolean answers(Duration limit) {
    try (var connection = pool.getConnection()) {
      return connection.isValid((int) Math.max(1, limit.toSeconds()));
    } catch (SQLException e) {
      return false;
    }
  }

  private RuntimeException translate(JdbiException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && isUnavailable(sql)) {
        return new DatabaseUnavailableException(
            "PostgreSQL at "
                + endpoint
                + " cannot be used ("
                + innermost(sql)
                + "); check that it runs and that DATABASE_* is right",
            failure);
      }
    }
    return failure;
  }

  private static boolean isUnavailable(SQLException e) {
    var state = Objects.requireNonNullElse(e.getSQLState(), "");
    return e instanceof SQLTransientConnectionException
        || state.startsWith("08") // connection
        || state.startsWith("57P") // shut down, crashed, starting
        || state.equals("53300"); // too many connections
  }

  private static @Nullable String innermost(Throwable e) {
    var innermost = e;
    for (var cause = e.getCause(); cause != null; cause = cause.getCause()) {
      innermost = cause;
    }
    return innermost.getMessage();
  }
}
