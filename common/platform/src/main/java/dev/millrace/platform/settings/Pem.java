package dev.millrace.platform.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Reads certificates and keys in the ways in which operators hand them over. */
final class Pem {
  private static final String BEGIN = "-----BEGIN ";

  private Pem() {}

  /**
   * Returns PEM text, given as itself (line ends may be written {@code \n}, as in one-line files),
   * as its base64 (Flowise's code) or as the path of a file that holds it (Flowise's manual).
   */
  static String fromAnything(String value) {
    if (value.contains(BEGIN)) {
      return value.replace("\\n", "\n");
    }
    try {
      return fromBase64(value);
    } catch (IllegalArgumentException notBase64) {
      return fromFile(value);
    }
  }

  static String fromBase64(String value) {
    var bytes = Base64.getMimeDecoder().decode(value);
    return check(new String(bytes, StandardCharsets.UTF_8));
  }

  private static String fromFile(String value) {
    try {
      return check(Files.readString(Path.of(value)));
    } catch (IOException e) {
      throw new IllegalArgumentException("no readable file", e);
    }
  }

  private static String check(String text) {
    return Syntax.require(text.contains(BEGIN), text);
  }
}
