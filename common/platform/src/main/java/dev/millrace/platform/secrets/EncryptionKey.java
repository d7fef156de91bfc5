package dev.millrace.platform.secrets;

import dev.millrace.platform.settings.Secret;
import dev.millrace.platform.settings.SecretSettings;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * The passphrase that encrypts credentials; every node of an installation must have the same.
 * Immutable.
 *
 * @param passphrase used as it is, white space included, as Flowise does
 * @param origin where it came from, for messages: the variable or the file
 * @param fingerprint eight hexadecimal digits that are equal exactly when the passphrases are
 *     (nearly), to be compared between nodes; too short and too slow to compute to help guess it
 */
public record EncryptionKey(Secret passphrase, String origin, String fingerprint) {
  private static final byte[] FINGERPRINT_SALT =
      "millrace encryption key fingerprint".getBytes(StandardCharsets.UTF_8);
  private static final int FINGERPRINT_ROUNDS = 10_000;
  private static final int FINGERPRINT_BITS = 32;

  /** Makes a key of a passphrase. */
  public static EncryptionKey of(Secret passphrase, String origin) {
    return new EncryptionKey(passphrase, origin, fingerprintOf(passphrase));
  }

  /**
   * Returns FLOWISE_SECRETKEY_OVERWRITE if it is set, else the content of {@code encryption.key},
   * which is made if it does not exist. Processes that do so at the same time get the same key.
   *
   * @throws EncryptionKeyException when the file can be neither read nor made
   */
  public static EncryptionKey findOrCreate(SecretSettings settings) {
    var overwrite = settings.keyOverwrite();
    if (overwrite != null) {
      return of(overwrite, "FLOWISE_SECRETKEY_OVERWRITE");
    }
    var file = settings.keyFolder().resolve("encryption.key");
    return of(KeyFile.readOrCreate(file), file.toString());
  }

  private static String fingerprintOf(Secret passphrase) {
    var spec =
        new PBEKeySpec(
            passphrase.reveal().toCharArray(),
            FINGERPRINT_SALT,
            FINGERPRINT_ROUNDS,
            FINGERPRINT_BITS);
    try {
      var hash = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec);
      return HexFormat.of().formatHex(hash.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM lacks PBKDF2WithHmacSHA256", e);
    } finally {
      spec.clearPassword();
    }
  }
}
