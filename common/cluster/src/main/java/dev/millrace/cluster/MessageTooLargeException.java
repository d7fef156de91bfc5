package dev.millrace.cluster;

import java.nio.charset.StandardCharsets;

/** A message has more bytes than messages may have; nothing was sent. */
public class MessageTooLargeException extends IllegalArgumentException {
  /** The most bytes of JSON that a message may have. */
  public static final int LIMIT = 1 << 20;

  private MessageTooLargeException(String channel, int bytes) {
    super(
        "a message for %s has %,d bytes, %,d are allowed; store the data and send where it is"
            .formatted(channel, bytes, LIMIT));
  }

  /**
   * Returns the payload if it is small enough.
   *
   * @throws MessageTooLargeException otherwise
   */
  public static Payload check(String channel, Payload payload) {
    var text = payload.json();
    // No character takes more than three bytes for each char.
    if (text.length() > LIMIT / 3) {
      var bytes = text.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > LIMIT) {
        throw new MessageTooLargeException(channel, bytes);
      }
    }
    return payload;
  }
}
