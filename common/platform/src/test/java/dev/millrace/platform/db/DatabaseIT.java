package dev.millrace.platform.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class DatabaseIT {
  @Test
  void failsFastAndClearlyWhilePostgresIsAway() {
    try (var database = TestDatabase.unreachable()) {
      var began = System.nanoTime();

      assertThatThrownBy(() -> database.with(handle -> handle.execute("SELECT 1")))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("127.0.0.1")
          .hasMessageContaining("refused")
          .hasMessageContaining("DATABASE_")
          .hasMessageNotContaining("secret-password");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
      assertThat(database.ping(Duration.ofMillis(200))).isFalse();
    }
  }

  @Test
  void worksAgainAfterItsConnectionsWereCut() {
    try (var database = TestDatabase.empty();
        var other = Database.open(sameServer(database))) {
      assertThat(database.ping(Duration.ofSeconds(5))).isTrue();

      other.with(handle ->
          handle
              .createQuery(
                  """
                  SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()
                  """)
              .mapTo(Integer.class)
              .one());

      // A call may meet a connection that died in its hands; the next has a new one.
      Awaitility.await().until(() -> database.ping(Duration.ofSeconds(5)));
      assertThat(one(database)).isEqualTo(1);
    }
  }

  @Test
  void tellsALostConnectionFromABadStatement() {
    try (var database = TestDatabase.empty()) {
      assertThatThrownBy(() ->
              database.with(handle ->
                  handle
                      .createQuery("SELECT pg_terminate_backend(pg_backend_pid())")
                      .mapTo(Boolean.class)
                      .one()))
          .isInstanceOf(DatabaseUnavailableException.class);
      assertThatThrownBy(() -> database.with(handle -> handle.execute("SELECT nonsense")))
          .isNotInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("nonsense");
    }
  }

  @Test
  void countsItsStatements() {
    try (var database = TestDatabase.empty()) {
      var before = database.statements();

      one(database);
      one(database);

      assertThat(database.statements() - before).isEqualTo(2);
    }
  }

  @Test
  void keepsInstantsInUtcWhateverTheServersTimeZoneIs() {
    var instant = Instant.parse("2026-03-29T01:30:00.123456Z");
    try (var database = TestDatabase.empty()) {
      var stored =
          database.with(handle ->
              handle
                  .createQuery(
                      """
                      SELECT :at::timestamp AS bound,
                        now()::timestamp = now() AT TIME ZONE 'UTC' AS utc
                      """)
                  .bind("at", UtcColumn.text(instant))
                  .map((row, context) ->
                      Map.entry(UtcColumn.read(row, "bound"), row.getBoolean("utc")))
                  .one());

      assertThat(stored).isEqualTo(Map.entry(instant, true));
      assertThat(UtcColumn.json(instant)).isEqualTo("2026-03-29T01:30:00.123Z");
      assertThat(UtcColumn.text(LocalDateTime.of(2026, 1, 1, 0, 0).toInstant(ZoneOffset.UTC)))
          .isEqualTo("2026-01-01T00:00");
    }
  }

  private static Database.Endpoint sameServer(Database database) {
    var endpoint = database.endpoint();
    return new Database.Endpoint(
        endpoint.jdbcUrl(), endpoint.user(), endpoint.password(), 1, "killer", Map.of());
  }

  private static int one(Database database) {
    return database.with(handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one());
  }
}
