package dev.millrace.server;

import dev.millrace.platform.apikeys.ApiKeyStore;
import dev.millrace.platform.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/** The first API key, without which nobody could create a flow. */
final class AdminKey {
  /** What it is called among the API keys. */
  static final String NAME = "admin";

  private static final String FILE = "admin-api-key";

  private AdminKey() {}

  /**
   * Creates the key at the first start, prints it once, and keeps it in the data folder for its
   * owner's eyes only. Does nothing when ADMIN_API_KEY is set, or when there is one already.
   */
  static void ensure(Settings settings, ApiKeyStore keys, String workspaceId) {
    if (settings.secrets().adminApiKey() != null) {
      return;
    }
    keys.ensureAdminKey(NAME, List.of(), workspaceId)
        .ifPresent(created -> keep(settings, created.plaintext()));
  }

  private static void keep(Settings settings, String key) {
    var file = settings.home().resolve(FILE);
    try {
      Files.createDirectories(settings.home());
      Files.deleteIfExists(file);
      var mode = PosixFilePermissions.fromString("rw-------");
      Files.createFile(file, PosixFilePermissions.asFileAttribute(Set.copyOf(mode)));
      Files.write(file, (key + "\n").getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException("the admin API key cannot be kept in " + file, e);
    }
    System.out.println("Your admin API key (also in " + file + "): " + key);
  }
}
