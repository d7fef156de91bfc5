package dev.millrace.platform.cli;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.ModelException;
import dev.millrace.flows.models.ToolRound;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Models that say what a file says: the N-th call gets the N-th entry of {@code script}, then
 * {@code always}, else {@code answer N}. An entry is a text, {@code {"json": {…}}} for a structured
 * answer, {@code {"tool": {"name": …, "args": {…}}}}, or {@code {"error": "…"}}. Thread-safe.
 */
final class ScriptedModels implements ChatModels {
  private final JsonNode script;
  private final @Nullable JsonNode always;
  private final ReentrantLock lock = new ReentrantLock();
  private int calls; // guarded by lock

  /**
   * @param file {@code {"script": […], "always": …}}, or the list alone
   */
  ScriptedModels(JsonNode file) {
    this.script = file.isArray() ? file : file.path("script");
    this.always = file.get("always");
  }

  @Override
  public Set<String> supported() {
    return KNOWN;
  }

  @Override
  public Answer call(Call call, ChatListener listener, Cancellation cancellation) {
    cancellation.throwIfCancelled();
    var entry = next();
    if (entry.has("error")) {
      throw new ModelException(entry.path("error").asString(""), 500, null);
    }
    if (entry.has("tool")) {
      return calling(entry.path("tool"));
    }
    var structured = call.schema() == null ? null : structured(entry);
    var text = entry.isString() ? entry.stringValue() : JsonText.of(entry.path("json"));
    if (call.stream()) {
      listener.token(text);
    }
    return new Answer(text, structured, null, Json.object(), Json.object());
  }

  private static Answer calling(JsonNode tool) {
    var arguments = tool.path("args").isObject() ? tool.path("args").toString() : "{}";
    var call =
        new ToolRound.Call("call_" + UUID.randomUUID(), tool.path("name").asString(""), arguments);
    return new Answer("", null, null, Json.object(), Json.object(), List.of(call), Json.object());
  }

  private static @Nullable ObjectNode structured(JsonNode entry) {
    if (entry.path("json") instanceof ObjectNode object) {
      return object;
    }
    return Json.readOrMissing(entry.asString("")) instanceof ObjectNode object ? object : null;
  }

  private JsonNode next() {
    lock.lock();
    try {
      var number = calls++;
      if (number < script.size()) {
        return script.path(number);
      }
      return always != null ? always : Json.text("answer " + calls);
    } finally {
      lock.unlock();
    }
  }
}
