package dev.millrace.platform.secrets;

import dev.millrace.platform.settings.Secret;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** The file that holds the passphrase, in the form in which Flowise writes it. */
final class KeyFile {
  private static final int RANDOM_BYTES = 24;

  private KeyFile() {}

  static Secret readOrCreate(Path file) {
    try {
      return read(file);
    } catch (NoSuchFileException missing) {
      return create(file);
    } catch (IOException e) {
      throw failure(file, "be read", e);
    }
  }

  private static Secret read(Path file) throws IOException {
    // Not stripped: Flowise takes a line end at the end of the file for a part of the passphrase.
    var text = Files.readString(file);
    if (text.isBlank()) {
      throw new EncryptionKeyException(
          file + " is empty; restore it from a backup, or delete it if no credential was saved yet",
          null);
    }
    return new Secret(text);
  }

  /**
   * Writes a new key under another name and links it to the right one, which fails when another
   * process was first: the file never exists without its whole content, and all see the same.
   */
  private static Secret create(Path file) {
    try {
      var folder = Files.createDirectories(file.toAbsolutePath().getParent());
      var ownerOnly =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
      var draft = Files.createTempFile(folder, "encryption.", ".new", ownerOnly);
      try {
        var random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        Files.writeString(draft, Base64.getEncoder().encodeToString(random));
        Files.createLink(file, draft);
      } catch (FileAlreadyExistsException anotherProcessWasFirst) {
        return read(file);
      } finally {
        Files.deleteIfExists(draft);
      }
      return read(file);
    } catch (IOException | UnsupportedOperationException e) {
      throw failure(file, "be made", e);
    }
  }

  private static EncryptionKeyException failure(Path file, String what, Exception cause) {
    return new EncryptionKeyException(
        "the key file "
            + file
            + " cannot "
            + what
            + " ("
            + cause
            + "); make its folder accessible, name another one with SECRETKEY_PATH, or set"
            + " FLOWISE_SECRETKEY_OVERWRITE",
        cause);
  }
}
