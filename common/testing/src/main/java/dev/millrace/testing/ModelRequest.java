package dev.millrace.testing;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call as {@link FakeModelServer} received it.
 *
 * @param path with the query
 * @param headers by name in lower case
 * @param body as sent
 */
public record ModelRequest(
    String method, String path, Map<String, String> headers, ObjectNode body) {
  public ModelRequest {
    headers = Map.copyOf(headers);
  }

  public String model() {
    return body.path("model").asString("");
  }

  public JsonNode messages() {
    return body.path("messages");
  }

  public boolean stream() {
    return body.path("stream").asBoolean(false);
  }

  /** Returns the text of the last user message, "" when there is none. */
  public String question() {
    var question = "";
    for (var message : messages()) {
      if (message.path("role").asString("").equals("user")) {
        question = text(message.path("content"));
      }
    }
    return question;
  }

  boolean wantsUsage() {
    return body.path("stream_options").path("include_usage").asBoolean(false);
  }

  /** Returns the function that must be called, or "" when the model is free to answer in words. */
  String forcedFunction() {
    var choice = body.path("tool_choice");
    if (choice.isObject()) {
      return choice.path("function").path("name").asString("");
    }
    return choice.asString("").equals("required") ? firstFunction() : "";
  }

  String firstFunction() {
    return body.path("tools").path(0).path("function").path("name").asString("");
  }

  private static String text(JsonNode content) {
    if (content.isString()) {
      return content.asString();
    }
    var text = new StringBuilder();
    for (var part : content) {
      text.append(part.path("text").asString(""));
    }
    return text.toString();
  }
}
