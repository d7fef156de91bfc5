package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolRound;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The messages of an agent's talk with its model and its tools, as JSON and back. */
final class AgentMessages {
  private AgentMessages() {}

  static ObjectNode write(ChatTurn turn) {
    ObjectNode json = Json.object().put("role", turn.role()).put("content", turn.content());
    if (turn.name() != null) {
      json.put("name", turn.name());
    }
    if (turn.extra() != null) {
      json.set("extra", turn.extra());
    }
    if (!turn.images().isEmpty()) {
      ArrayNode images = json.putArray("images");
      for (ChatTurn.Image image : turn.images()) {
        images
            .addObject()
            .put("name", image.name())
            .put("mime", image.mime())
            .put("url", image.url());
      }
    }
    return json;
  }

  static ChatTurn readTurn(JsonNode json) {
    var images = new ArrayList<ChatTurn.Image>();
    for (JsonNode image : json.path("images")) {
      images.add(new ChatTurn.Image(text(image, "name"), text(image, "mime"), text(image, "url")));
    }
    String name = json.path("name").isString() ? text(json, "name") : null;
    ObjectNode extra = json.get("extra") instanceof ObjectNode object ? object : null;
    return new ChatTurn(text(json, "role"), text(json, "content"), name, extra, false, images);
  }

  static ObjectNode write(ToolRound round) {
    ObjectNode json = Json.object().put("text", round.text());
    ArrayNode calls = json.putArray("calls");
    for (ToolRound.Call call : round.calls()) {
      calls
          .addObject()
          .put("id", call.id())
          .put("name", call.name())
          .put("arguments", call.arguments());
    }
    ArrayNode results = json.putArray("results");
    for (ToolRound.Result result : round.results()) {
      results
          .addObject()
          .put("id", result.id())
          .put("name", result.name())
          .put("text", result.text());
    }
    json.set("carry", round.carry());
    return json;
  }

  static ToolRound readRound(JsonNode json) {
    var calls = new ArrayList<ToolRound.Call>();
    for (JsonNode call : json.path("calls")) {
      calls.add(new ToolRound.Call(text(call, "id"), text(call, "name"), text(call, "arguments")));
    }
    var results = new ArrayList<ToolRound.Result>();
    for (JsonNode result : json.path("results")) {
      results.add(
          new ToolRound.Result(text(result, "id"), text(result, "name"), text(result, "text")));
    }
    ObjectNode carry = json.get("carry") instanceof ObjectNode object ? object : Json.object();
    return new ToolRound(text(json, "text"), calls, results, carry);
  }

  /**
   * Reads the calls that a Flowise server's pause left behind: the last message of its record.
   *
   * @return null when that is not an assistant's message with calls
   */
  static @Nullable ToolRound readForeign(JsonNode message) {
    JsonNode given = message.path("tool_calls");
    if (!message.path("role").asString("").equals("assistant") || !given.isArray()) {
      return null;
    }
    var calls = new ArrayList<ToolRound.Call>();
    for (JsonNode call : given) {
      JsonNode function = call.path("function");
      String name = function.isObject() ? text(function, "name") : text(call, "name");
      JsonNode arguments = function.isObject() ? function.path("arguments") : call.path("args");
      calls.add(new ToolRound.Call(text(call, "id"), name, JsonText.of(arguments)));
    }
    return new ToolRound(text(message, "content"), calls, List.of(), Json.object());
  }

  /** Returns a round's calls as the message that the record shows. */
  static ObjectNode called(ToolRound round) {
    ObjectNode json = Json.object().put("role", "assistant").put("content", round.text());
    ArrayNode calls = json.putArray("tool_calls");
    for (ToolRound.Call call : round.calls()) {
      ObjectNode shown = Json.object().put("name", call.name());
      shown.set("args", arguments(call));
      calls.add(shown.put("id", call.id()).put("type", "tool_call"));
    }
    return json;
  }

  /** Returns a result as the message that the record shows. */
  static ObjectNode told(ToolRound.Result result) {
    return Json.object()
        .put("role", "tool")
        .put("content", result.text())
        .put("tool_call_id", result.id())
        .put("name", result.name());
  }

  /** Returns what a model wrote as JSON where it is some, else as the text it is. */
  static JsonNode arguments(ToolRound.Call call) {
    if (call.arguments().isBlank()) {
      return Json.object();
    }
    JsonNode read = Json.readOrMissing(call.arguments());
    return read.isMissingNode() ? Json.text(call.arguments()) : read;
  }

  private static String text(JsonNode json, String member) {
    return JsonText.of(json.path(member));
  }
}
