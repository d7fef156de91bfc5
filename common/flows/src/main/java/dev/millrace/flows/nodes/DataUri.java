package dev.millrace.flows.nodes;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file inside a text, as the editor stores uploads: {@code data:<type>;base64,<bytes>}, with
 * {@code ,filename:<name>} behind it when it has one.
 *
 * @param type a media type
 * @param name "" for none
 */
record DataUri(String type, String name, byte[] content) {
  private static final String NAME = ",filename:";
  private static final Pattern TYPE = Pattern.compile("[\\w.+-]{1,100}/[\\w.+-]{1,100}");

  /** Returns the file that a text is; nothing when it is another text. */
  static Optional<DataUri> read(String text) {
    int comma = text.indexOf(',');
    if (!text.startsWith("data:") || comma < 0 || !text.startsWith(";base64", comma - 7)) {
      return Optional.empty();
    }
    String head = text.substring("data:".length(), comma - ";base64".length());
    String type = head.indexOf(';') < 0 ? head : head.substring(0, head.indexOf(';'));
    int named = text.indexOf(NAME, comma);
    String data = named < 0 ? text.substring(comma + 1) : text.substring(comma + 1, named);
    try {
      return TYPE.matcher(type).matches()
          ? Optional.of(
              new DataUri(
                  type,
                  named < 0 ? "" : text.substring(named + NAME.length()),
                  Base64.getMimeDecoder().decode(data)))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // it only begins like one
    }
  }

  String nameOr(String other) {
    return name.isEmpty() ? other : name;
  }
}
