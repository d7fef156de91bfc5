package dev.millrace.platform.prediction;

/**
 * Spells JSON in ASCII. A single letter outside Latin-1 makes Java hold a text of 50 KB in two
 * bytes a character and encode it one by one; escaped, it is copied.
 */
final class AsciiJson {
  private static final char FIRST_OTHER = 0x80;

  private AsciiJson() {}

  /**
   * Returns the same document with every other character escaped. Outside of strings JSON has none,
   * so no parsing is needed.
   */
  static String of(String json) {
    var first = firstOther(json);
    if (first < 0) {
      return json;
    }
    var out = new StringBuilder(json.length() + 256).append(json, 0, first);
    for (var i = first; i < json.length(); i++) {
      var c = json.charAt(i);
      if (c < FIRST_OTHER) {
        out.append(c);
      } else {
        out.append("\\u");
        for (var shift = 12; shift >= 0; shift -= 4) {
          out.append(Character.forDigit((c >> shift) & 0xF, 16));
        }
      }
    }
    return out.toString();
  }

  private static int firstOther(String json) {
    for (var i = 0; i < json.length(); i++) {
      if (json.charAt(i) >= FIRST_OTHER) {
        return i;
      }
    }
    return -1;
  }
}
