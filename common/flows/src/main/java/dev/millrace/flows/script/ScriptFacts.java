package dev.millrace.flows.script;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Digests, random bytes, packed data and the parts of addresses, for scripts. Thread-safe. */
final class ScriptFacts {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int MOST_RANDOM = 65_536;

  /** Node's names of algorithms, Java's of digests. */
  private static final Map<String, String> DIGESTS =
      Map.of(
          "md5", "MD5",
          "sha1", "SHA-1",
          "sha224", "SHA-224",
          "sha256", "SHA-256",
          "sha384", "SHA-384",
          "sha512", "SHA-512");

  private ScriptFacts() {}

  /**
   * Answers a question.
   *
   * @throws IllegalArgumentException when it makes no sense; the message is for the script
   */
  static ObjectNode answer(ObjectNode asked) {
    var op = asked.path("op").asString("");
    var answer = JsonNodeFactory.instance.objectNode();
    return switch (op) {
      case "hash" -> answer.put("base64", base64(hash(asked)));
      case "hmac" -> answer.put("base64", base64(hmac(asked)));
      case "random" -> answer.put("hex", HexFormat.of().formatHex(random(asked)));
      case "uuid" -> answer.put("uuid", UUID.randomUUID().toString());
      case "url" -> url(asked, answer);
      case "zip" -> answer.put("base64", base64(ScriptZip.packed(format(asked), data(asked))));
      case "unzip" -> answer.put("base64", base64(ScriptZip.unpacked(format(asked), data(asked))));
      default -> throw new IllegalArgumentException("the sandbox has no \"" + op + "\"");
    };
  }

  private static byte[] hash(ObjectNode asked) {
    try {
      return MessageDigest.getInstance(digest(asked)).digest(bytes(asked, "data"));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("this JVM lacks " + digest(asked), e);
    }
  }

  private static byte[] hmac(ObjectNode asked) {
    var algorithm = "Hmac" + digest(asked).replace("-", "");
    var key = bytes(asked, "key");
    try {
      var mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, algorithm));
      return mac.doFinal(bytes(asked, "data"));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("this JVM lacks " + algorithm, e);
    }
  }

  private static String digest(ObjectNode asked) {
    var name = asked.path("algorithm").asString("").toLowerCase(Locale.ROOT).replace("-", "");
    var digest = DIGESTS.get(name);
    if (digest == null) {
      throw new IllegalArgumentException("the algorithm \"" + name + "\" is not known here");
    }
    return digest;
  }

  private static byte[] random(ObjectNode asked) {
    var count = asked.path("bytes").asInt(-1);
    if (count < 0 || count > MOST_RANDOM) {
      throw new IllegalArgumentException("random bytes come 0 to " + MOST_RANDOM + " at a time");
    }
    var bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  private static ObjectNode url(ObjectNode asked, ObjectNode answer) {
    var text = asked.path("url").asString("").strip();
    var base = asked.path("base").asString("");
    try {
      var uri = base.isEmpty() ? new URI(text) : new URI(base).resolve(text);
      if (uri.getScheme() == null || uri.getHost() == null) {
        throw new IllegalArgumentException("Invalid URL: " + text);
      }
      var path = uri.getRawPath();
      var query = uri.getRawQuery();
      var fragment = uri.getRawFragment();
      return answer
          .put("protocol", uri.getScheme().toLowerCase(Locale.ROOT) + ":")
          .put("hostname", uri.getHost().toLowerCase(Locale.ROOT))
          .put("port", uri.getPort() < 0 ? "" : Integer.toString(uri.getPort()))
          .put("pathname", path == null || path.isEmpty() ? "/" : path)
          .put("search", query == null || query.isEmpty() ? "" : "?" + query)
          .put("hash", fragment == null || fragment.isEmpty() ? "" : "#" + fragment);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("Invalid URL: " + text, e);
    }
  }

  private static String format(ObjectNode asked) {
    return asked.path("format").asString("");
  }

  private static byte[] data(ObjectNode asked) {
    var data = bytes(asked, "data");
    if (data.length > ScriptZip.LARGEST) {
      throw new IllegalArgumentException("more than " + ScriptZip.LARGEST + " bytes at once");
    }
    return data;
  }

  private static byte[] bytes(ObjectNode asked, String member) {
    return Base64.getDecoder().decode(asked.path(member).asString(""));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
