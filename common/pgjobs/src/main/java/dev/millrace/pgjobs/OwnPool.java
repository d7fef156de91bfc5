package dev.millrace.pgjobs;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/** The pool of connections that {@link PgJobs#connect} opens: the one place that needs HikariCP. */
final class OwnPool {
  private static final int LEAST = 6;
  private static final long CONNECTION_LIMIT_MS = 10_000;

  private OwnPool() {}

  static HikariDataSource open(String jdbcUrl, String user, String password, int maxConnections) {
    if (maxConnections < LEAST) {
      throw new IllegalArgumentException(
          "a runner and its tasks need %d connections at least, not %d"
              .formatted(LEAST, maxConnections));
    }
    var config = new HikariConfig();
    config.setJdbcUrl(jdbcUrl);
    config.setUsername(user);
    config.setPassword(password);
    config.setPoolName("pgjobs");
    config.setMaximumPoolSize(maxConnections);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(CONNECTION_LIMIT_MS);
    // PostgreSQL may be away at start; calls then say so themselves.
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("ApplicationName", "pgjobs");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("socketFactory", PromptSocketFactory.class.getName());
    return new HikariDataSource(config);
  }
}
