package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.secret;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keys.
 *
 * @param keyOverwrite the passphrase of all credentials; null to use the key file
 * @param keyFolder the folder of the key file
 * @param adminApiKey a key that may do everything, for scripts and first steps; null for none
 */
public record SecretSettings(
    @Nullable Secret keyOverwrite, Path keyFolder, @Nullable Secret adminApiKey) {
  private static final Variable<Secret> FLOWISE_SECRETKEY_OVERWRITE =
      secret(
          "FLOWISE_SECRETKEY_OVERWRITE",
          Syntax.secret("a passphrase"),
          "the key file",
          "Passphrase that encrypts credentials; the same on every node");
  private static final Variable<String> SECRETKEY_PATH =
      optional(
          "SECRETKEY_PATH",
          Syntax.folder(),
          "MILLRACE_HOME",
          "Folder of encryption.key; shared by every node, made if it is missing");
  private static final Variable<Secret> ADMIN_API_KEY =
      secret(
          "ADMIN_API_KEY",
          Syntax.secret("a long random text"),
          "none",
          "API key that may do everything");

  static final List<Variable<?>> VARIABLES =
      List.of(FLOWISE_SECRETKEY_OVERWRITE, SECRETKEY_PATH, ADMIN_API_KEY);

  static SecretSettings read(Values values, Path home) {
    return new SecretSettings(
        values.find(FLOWISE_SECRETKEY_OVERWRITE),
        Objects.requireNonNullElse(values.findPath(SECRETKEY_PATH), home),
        values.find(ADMIN_API_KEY));
  }
}
