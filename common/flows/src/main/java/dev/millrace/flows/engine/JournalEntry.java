package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is kept of an execution that ended, so that it need not be repeated.
 *
 * @param key names the execution within its run, the same whenever the run is repeated: the
 *     containers and items it lies in, its node, and how often that has run before, e.g. {@code
 *     iterationAgentflow_0#0/3/llmAgentflow_0#0}
 * @param record what is shown of it
 * @param outcome how it ended
 * @param messages what it added to the conversation; more than its record shows when it had asked a
 *     human
 * @param inside the keys of what ran inside it, in order
 * @param inputsHash tells whether another execution had the same inputs; "" when it never read them
 * @param startedAt in ms since the epoch
 * @param endedAt in ms since the epoch
 */
public record JournalEntry(
    String key,
    NodeRecord record,
    Outcome outcome,
    List<ChatTurn> messages,
    List<String> inside,
    String inputsHash,
    long startedAt,
    long endedAt) {

  /** How an execution ended. */
  public sealed interface Outcome {
    /**
     * It is done.
     *
     * @param outputs as in {@link NodeOutcome.Branched}; null when it has only one
     * @param error whether it failed and the flow went on at its output for errors
     */
    record Done(@Nullable List<Boolean> outputs, boolean error) implements Outcome {}

    record LoopedBack(String target) implements Outcome {}

    /** It waits for a human; see {@link NodeOutcome.Paused}. */
    record Paused(ObjectNode checkpoint) implements Outcome {}

    /** It failed, and with it the item of a container that it lay in. */
    record Failed(String message) implements Outcome {}
  }

  public JournalEntry {
    messages = List.copyOf(messages);
    inside = List.copyOf(inside);
  }

  /** Returns an id that is the same for every entry with this key. */
  public UUID id() {
    return UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8));
  }

  public boolean isPaused() {
    return outcome instanceof Outcome.Paused;
  }

  /** Returns all but the record, to be stored. */
  public ObjectNode meta() {
    ObjectNode meta = Json.object().put("key", key);
    switch (outcome) {
      case Outcome.Done(var outputs, var error) -> {
        if (outputs != null) {
          outputs.forEach(meta.putArray("outputs")::add);
        }
        if (error) {
          meta.put("error", true);
        }
      }
      case Outcome.LoopedBack(var target) -> meta.put("loopedBack", target);
      case Outcome.Paused(var checkpoint) -> meta.set("paused", checkpoint);
      case Outcome.Failed(var message) -> meta.put("failed", message);
    }
    if (!messages.isEmpty()) {
      var said = meta.putArray("messages");
      messages.forEach(turn -> said.add(Conversation.said(turn)));
    }
    if (!inside.isEmpty()) {
      inside.forEach(meta.putArray("inside")::add);
    }
    return meta.put("inputsHash", inputsHash).put("startedAt", startedAt).put("endedAt", endedAt);
  }

  /** Puts together again what was stored. */
  public static JournalEntry of(NodeRecord record, JsonNode meta) {
    return new JournalEntry(
        meta.path("key").asString(""),
        record,
        outcome(meta),
        meta.path("messages").valueStream().map(Conversation::turn).toList(),
        meta.path("inside").valueStream().map(JsonNode::asString).toList(),
        meta.path("inputsHash").asString(""),
        meta.path("startedAt").asLong(0),
        meta.path("endedAt").asLong(0));
  }

  private static Outcome outcome(JsonNode meta) {
    if (meta.path("paused") instanceof ObjectNode checkpoint) {
      return new Outcome.Paused(checkpoint);
    }
    if (meta.has("loopedBack")) {
      return new Outcome.LoopedBack(meta.path("loopedBack").asString(""));
    }
    if (meta.has("failed")) {
      return new Outcome.Failed(meta.path("failed").asString(""));
    }
    List<Boolean> outputs =
        meta.has("outputs")
            ? meta.path("outputs").valueStream().map(chosen -> chosen.asBoolean(false)).toList()
            : null;
    return new Outcome.Done(outputs, meta.path("error").asBoolean(false));
  }
}
