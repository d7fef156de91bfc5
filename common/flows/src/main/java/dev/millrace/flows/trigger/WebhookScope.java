package dev.millrace.flows.trigger;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.expression.Scope;
import dev.millrace.flows.model.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** What is known before a run: the request alone. */
record WebhookScope(JsonNode webhook) implements Scope {
  @Override
  public String question() {
    return "";
  }

  @Override
  public String uploads() {
    return "";
  }

  @Override
  public JsonNode form() {
    return Json.object();
  }

  @Override
  public List<ChatTurn> pastHistory() {
    return List.of();
  }

  @Override
  public List<ChatTurn> runHistory() {
    return List.of();
  }

  @Override
  public int loopCount() {
    return 0;
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public @Nullable JsonNode iteration() {
    return null;
  }

  @Override
  public Map<String, String> variables() {
    return Map.of();
  }

  @Override
  public JsonNode flow(String member) {
    return MissingNode.getInstance();
  }

  @Override
  public @Nullable JsonNode output(String nodeId) {
    return null;
  }
}
