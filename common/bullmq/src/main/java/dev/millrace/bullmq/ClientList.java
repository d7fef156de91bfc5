package dev.millrace.bullmq;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Reads what {@code CLIENT LIST} says. */
final class ClientList {
  private ClientList() {}

  /** Returns the fields of each client, e.g. {@code name} and {@code addr}. */
  static Stream<Map<String, String>> parse(String reply) {
    return reply.lines().map(ClientList::fields);
  }

  private static Map<String, String> fields(String line) {
    var fields = new HashMap<String, String>();
    for (var pair : line.split(" ", -1)) {
      var equals = pair.indexOf('=');
      if (equals > 0) {
        fields.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return fields;
  }
}
