package dev.millrace.platform.db;

import dev.millrace.platform.settings.DatabaseSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;

/** Turns the database's settings into what the driver understands. */
public final class DatabaseTarget {
  private DatabaseTarget() {}

  /**
   * Returns where the database is.
   *
   * @param process shown in {@code pg_stat_activity}, e.g. {@code millrace-worker}
   * @throws UncheckedIOException when the CA certificate cannot be put into a file, which is the
   *     only form in which the driver takes it
   */
  public static Database.Endpoint of(DatabaseSettings settings, String process) {
    var properties = new HashMap<String, String>();
    if (settings.ssl()) {
      properties.put("ssl", "true");
      properties.put("sslmode", settings.rejectUnauthorized() ? "verify-full" : "require");
    }
    var ca = settings.sslCa();
    if (settings.ssl() && ca != null) {
      properties.put("sslrootcert", fileOf(ca).toString());
    }
    var password = settings.password();
    return new Database.Endpoint(
        "jdbc:postgresql://" + settings.host() + ":" + settings.port() + "/" + settings.name(),
        settings.user(),
        password == null ? "" : password.reveal(),
        settings.poolSize(),
        process,
        properties);
  }

  private static Path fileOf(String pem) {
    try {
      var file = Files.createTempFile("millrace-ca-", ".pem");
      file.toFile().deleteOnExit();
      return Files.writeString(file, pem);
    } catch (IOException e) {
      throw new UncheckedIOException("the CA certificate of the database cannot be written", e);
    }
  }
}
