package dev.millrace.server.dashboard;

import dev.millrace.server.dashboard.Visitor.Role;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs who has logged in, so that a cookie is all there is of a session: any server with the same
 * encryption key accepts it. Immutable.
 */
final class Sessions {
  /** A working day and a bit. */
  static final Duration LIFE = Duration.ofHours(12);

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 16;

  private final SecretKeySpec key;
  private final InstantSource clock;

  /**
   * A session as its cookie says.
   *
   * @param credential which key was presented: what {@link DashboardKeys} knows it by
   * @param id a random text
   */
  record Session(Role role, String credential, String id) {}

  /**
   * @param secret a text that all servers share and nobody else knows
   */
  Sessions(String secret, InstantSource clock) {
    this.clock = clock;
    key = hmacKey(mac(hmacKey(utf8(secret)), "millrace dashboard sessions"));
  }

  /** Returns the cookie of a new session. */
  String open(Role role, String credential) {
    var id = new byte[ID_BYTES];
    RANDOM.nextBytes(id);
    var until = clock.instant().plus(LIFE).getEpochSecond();
    var text =
        String.join(
            ".",
            role.name(),
            Long.toString(until),
            HexFormat.of().formatHex(id),
            Base64.getUrlEncoder().withoutPadding().encodeToString(utf8(credential)));
    return text + "." + sign(text);
  }

  /** Returns the session of a cookie; empty when it is not ours, was changed, or is over. */
  Optional<Session> read(String cookie) {
    var end = cookie.lastIndexOf('.');
    if (end < 0 || !isSigned(cookie.substring(0, end), cookie.substring(end + 1))) {
      return Optional.empty();
    }
    var parts = cookie.substring(0, end).split("\\.", -1);
    if (parts.length != 4 || Long.parseLong(parts[1]) <= clock.instant().getEpochSecond()) {
      return Optional.empty();
    }
    var credential = new String(Base64.getUrlDecoder().decode(parts[3]), StandardCharsets.UTF_8);
    return Optional.of(new Session(Role.valueOf(parts[0]), credential, parts[2]));
  }

  /** Returns what requests of a session that change anything have to repeat in a header. */
  String token(String sessionId) {
    return sign("token " + sessionId);
  }

  boolean isToken(String sessionId, String presented) {
    return MessageDigest.isEqual(utf8(token(sessionId)), utf8(presented));
  }

  /** Returns what stands for a key in cookies: neither the key nor of help to find it. */
  String fingerprint(String presentedKey) {
    return sign("key " + presentedKey);
  }

  private boolean isSigned(String text, String signature) {
    return MessageDigest.isEqual(utf8(sign(text)), utf8(signature));
  }

  private String sign(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mac(key, text));
  }

  private static byte[] mac(SecretKeySpec key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(utf8(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has HmacSHA256", e);
    }
  }

  private static SecretKeySpec hmacKey(byte[] bytes) {
    return new SecretKeySpec(bytes, "HmacSHA256");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
