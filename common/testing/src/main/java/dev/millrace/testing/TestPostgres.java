package dev.millrace.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.UUID;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The PostgreSQL that the tests of this JVM share; each caller gets an empty database of its own.
 *
 * <p>Taken from, in this order: {@code TEST_DATABASE_URL} (a JDBC URL of a role that may create
 * databases), Testcontainers where Docker answers, the embedded server.
 */
public final class TestPostgres {
  private static final String IMAGE = "postgres:17-alpine";

  private TestPostgres() {}

  /** An empty database and how to reach it. */
  public record Db(String host, int port, String name, String user, String password) {
    /** Returns the JDBC URL, without user and password. */
    public String jdbcUrl() {
      return "jdbc:postgresql://" + host + ":" + port + "/" + name;
    }
  }

  /** Creates an empty database on the shared server. */
  public static Db createDatabase() {
    var name = "t_" + UUID.randomUUID().toString().replace("-", "");
    var server = Holder.SERVER;
    try (var connection =
            DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create a test database on " + server.jdbcUrl(), e);
    }
    return new Db(server.host(), server.port(), name, server.user(), server.password());
  }

  private static final class Holder {
    static final Db SERVER = choose();

    private static Db choose() {
      var given = System.getenv("TEST_DATABASE_URL");
      if (given != null && !given.isBlank()) {
        return announce(parse(given), "TEST_DATABASE_URL");
      }
      return Binaries.dockerHas(IMAGE)
          ? announce(container(), "Testcontainers")
          : announce(embedded(), "embedded");
    }

    private static Db parse(String jdbcUrl) {
      var uri = java.net.URI.create(jdbcUrl.replaceFirst("^jdbc:", ""));
      var login =
          (uri.getUserInfo() == null ? "postgres:" : uri.getUserInfo() + ":").split(":", -1);
      var port = uri.getPort() < 0 ? 5432 : uri.getPort();
      return new Db(uri.getHost(), port, uri.getPath().substring(1), login[0], login[1]);
    }

    // The server lives as long as the JVM.
    @SuppressWarnings("resource")
    private static Db container() {
      var postgres = new PostgreSQLContainer(DockerImageName.parse(IMAGE));
      postgres.start();
      Runtime.getRuntime().addShutdownHook(new Thread(postgres::stop));
      return new Db(
          postgres.getHost(),
          postgres.getMappedPort(5432),
          postgres.getDatabaseName(),
          postgres.getUsername(),
          postgres.getPassword());
    }

    @SuppressWarnings("resource")
    private static Db embedded() {
      try {
        // A session time zone far from UTC finds code that confuses local time and instants.
        var server =
            EmbeddedPostgres.builder()
                .setServerConfig("timezone", "Australia/Eucla")
                .setServerConfig("fsync", "off")
                .setServerConfig("max_connections", "200")
                .start();
        return new Db("127.0.0.1", server.getPort(), "postgres", "postgres", "postgres");
      } catch (IOException e) {
        throw new UncheckedIOException("cannot start the embedded PostgreSQL for tests", e);
      }
    }

    private static Db announce(Db db, String source) {
      System.out.println("Tests use PostgreSQL at " + db.jdbcUrl() + " (" + source + ")");
      return db;
    }
  }
}
