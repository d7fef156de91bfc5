package dev.millrace.platform.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.locks.LockOptions;
import dev.millrace.cluster.locks.Locks;
import dev.millrace.cluster.locks.LocksContract;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresLocksIT extends LocksContract {
  private static Database database;

  @BeforeAll
  static void openDatabase() {
    database = TestDatabase.migrated();
  }

  @AfterAll
  static void closeDatabase() {
    database.close();
  }

  @Override
  protected Locks newNode() {
    return new PostgresLocks(database);
  }

  @Test
  void aLockWhoseSessionEndsIsLost() throws Exception {
    try (var locks = newNode()) {
      var lost = new AtomicBoolean();
      var lock = locks.acquire("k", LockOptions.DEFAULT.withTtl(Duration.ofMillis(900)));
      lock.onLost(() -> lost.set(true));
      database.with(handle ->
          handle
              .createQuery(
                  """
                  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE application_name = 'millrace-lock' AND datname = current_database()
                  """)
              .mapTo(Boolean.class)
              .list());
      await().atMost(Duration.ofSeconds(5)).untilTrue(lost);
      assertThat(lock.isHeld()).isFalse();
    }
  }

  @Test
  void theServerEndsTheSessionOfANodeThatFroze() throws Exception {
    try (var locks = newNode()) {
      // A connection like that of a lock, which nobody renews.
      var frozen = database.connect("millrace-lock");
      try (var statement = frozen.createStatement()) {
        statement.execute("SELECT pg_advisory_lock(hashtextextended('millrace.lock:frozen', 0))");
        statement.execute("SET idle_session_timeout = 500");
      }
      var lock = locks.acquire("frozen");
      assertThat(lock.isHeld()).isTrue();
      assertThat(frozen.isValid(1)).isFalse();
      frozen.close();
    }
  }
}
