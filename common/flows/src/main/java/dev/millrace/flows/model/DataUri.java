package dev.millrace.flows.model;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A file inside a text, as the editor stores uploads: {@code data:<type>;base64,<bytes>}, with
 * {@code ,filename:<name>} behind it when it has one.
 *
 * @param type a media type, without its parameters
 * @param name "" for none
 */
public record DataUri(String type, String name, byte[] content) {
  private static final String NAME = ",filename:";
  private static final Pattern TYPE = Pattern.compile("[\\w.+-]{1,100}/[\\w.+-]{1,100}");

  /** Returns the file that a text is; nothing when it is another text. */
  public static Optional<DataUri> read(String text) {
    try {
      return Optional.of(parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the file that a text has to be.
   *
   * @throws IllegalArgumentException when it is none; the message says what "it" is not
   */
  public static DataUri parse(String text) {
    int comma = text.indexOf(',');
    boolean marked = text.startsWith("data:") && text.startsWith(";base64", comma - 7);
    String head = marked ? text.substring("data:".length(), comma - ";base64".length()) : "";
    String type = head.indexOf(';') < 0 ? head : head.substring(0, head.indexOf(';'));
    if (!TYPE.matcher(type).matches()) {
      throw new IllegalArgumentException("has to be data:<type>;base64,<content>,filename:<name>");
    }
    int named = text.indexOf(NAME, comma);
    String data = named < 0 ? text.substring(comma + 1) : text.substring(comma + 1, named);
    String name = named < 0 ? "" : text.substring(named + NAME.length());
    try {
      return new DataUri(type, name, Base64.getMimeDecoder().decode(data));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("is not in base64: " + e.getMessage(), e);
    }
  }

  /** Returns the name, or another one when it has none. */
  public String nameOr(String other) {
    return name.isEmpty() ? other : name;
  }
}
