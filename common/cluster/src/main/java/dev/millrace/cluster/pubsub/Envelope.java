package dev.millrace.cluster.pubsub;

import dev.millrace.cluster.Payload;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way: {@code 1 <node> <others|all> <json>}.
 *
 * @param from the node that published it
 * @param skipSelf whether that node does not want it back
 */
record Envelope(String from, boolean skipSelf, Payload message) {
  private static final String VERSION = "1";
  private static final String OTHERS = "others";
  private static final String ALL = "all";

  String text() {
    return VERSION + " " + from + " " + (skipSelf ? OTHERS : ALL) + " " + message.json();
  }

  /** Returns null when the text is none. */
  static @Nullable Envelope parse(String text) {
    var parts = text.split(" ", 4);
    if (parts.length < 4 || !parts[0].equals(VERSION)) {
      return null;
    }
    return new Envelope(parts[1], parts[2].equals(OTHERS), new Payload(parts[3]));
  }
}
