package dev.millrace.platform.apikeys;

import com.password4j.ScryptFunction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** How keys are made, hashed and compared. */
final class KeyHash {
  /** Marks {@code apiKey} columns that hold a hash; Flowise's own keys have no colon. */
  static final String SHA256 = "sha256:";

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int KEY_BYTES = 32;
  private static final int SALT_BYTES = 8;

  /** Node's defaults for scrypt: N = 16384, r = 8, p = 1; Flowise asks for 64 bytes. */
  private static final ScryptFunction SCRYPT = ScryptFunction.getInstance(16_384, 8, 1, 64);

  private KeyHash() {}

  static String newKey() {
    var bytes = new byte[KEY_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Returns what is stored in place of the key. */
  static String sha256(String key) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(utf8(key));
      return SHA256 + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Returns a new {@code apiSecret}, as Flowise forms it. */
  static String newSecret(String key) {
    var salt = new byte[SALT_BYTES];
    RANDOM.nextBytes(salt);
    return secret(key, HexFormat.of().formatHex(salt));
  }

  /** Returns hex(scrypt(key, salt)) + "." + salt, where the salt is used as text. */
  static String secret(String key, String salt) {
    var hash = SCRYPT.hash(utf8(key), utf8(salt)).getBytes();
    return HexFormat.of().formatHex(hash) + "." + salt;
  }

  /** Tells, in constant time, whether {@code apiSecret} was made of this key. */
  static boolean matches(String key, String apiSecret) {
    var dot = apiSecret.lastIndexOf('.');
    return dot > 0
        && MessageDigest.isEqual(utf8(secret(key, apiSecret.substring(dot + 1))), utf8(apiSecret));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
