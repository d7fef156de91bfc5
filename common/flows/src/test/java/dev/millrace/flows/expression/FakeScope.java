package dev.millrace.flows.expression;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.model.Json;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A scope of made-up values; members may be set before use. */
final class FakeScope implements Scope {
  String question = "q";
  String uploads = "";
  ObjectNode form = Json.object();
  ObjectNode flow = Json.object();
  @Nullable JsonNode iteration;
  List<ChatTurn> past = List.of();
  List<ChatTurn> said = List.of();
  final Map<String, String> variables = new HashMap<>();
  final Map<String, JsonNode> outputs = new HashMap<>();

  FakeScope output(String nodeId, String json) {
    outputs.put(nodeId, Json.read(json));
    return this;
  }

  @Override
  public String question() {
    return question;
  }

  @Override
  public String uploads() {
    return uploads;
  }

  @Override
  public JsonNode form() {
    return form;
  }

  @Override
  public JsonNode webhook() {
    return Json.object().set("body", Json.object().put("k", 1));
  }

  @Override
  public List<ChatTurn> pastHistory() {
    return past;
  }

  @Override
  public List<ChatTurn> runHistory() {
    return said;
  }

  @Override
  public int loopCount() {
    return 2;
  }

  @Override
  public Instant now() {
    return Instant.parse("2026-01-02T03:04:05Z");
  }

  @Override
  public @Nullable JsonNode iteration() {
    return iteration;
  }

  @Override
  public Map<String, String> variables() {
    return variables;
  }

  @Override
  public JsonNode flow(String member) {
    return flow.path(member);
  }

  @Override
  public @Nullable JsonNode output(String nodeId) {
    return outputs.get(nodeId);
  }
}
