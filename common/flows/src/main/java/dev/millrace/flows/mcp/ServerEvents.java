package dev.millrace.flows.mcp;

import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Takes server-sent events apart. */
final class ServerEvents {
  private ServerEvents() {}

  /** Returns the messages in a stream that has ended. */
  static List<JsonNode> messages(String stream) {
    var messages = new ArrayList<JsonNode>();
    var data = new StringBuilder();
    for (String line : stream.split("\r\n|\n|\r", -1)) {
      if (line.startsWith("data:")) {
        data.append(line.substring("data:".length()).strip());
      } else if (line.isEmpty() && !data.isEmpty()) {
        messages.add(Json.readOrMissing(data.toString()));
        data.setLength(0);
      }
    }
    if (!data.isEmpty()) {
      messages.add(Json.readOrMissing(data.toString()));
    }
    return messages;
  }
}
