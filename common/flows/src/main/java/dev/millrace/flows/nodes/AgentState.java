package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ToolRound;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How far an agent has come: what it was asked, what it called, and what that cost. Can be stored
 * while a human is asked, and read again by any worker. Of one thread.
 */
final class AgentState {
  private static final String MESSAGES = "messages";

  final List<Prompt.Message> messages = new ArrayList<>();
  final List<ChatTurn> asked = new ArrayList<>();
  final List<ToolRound> rounds = new ArrayList<>();
  final Set<Integer> rejected = new HashSet<>();
  final ArrayNode usedTools = Json.array();
  final ArrayNode sourceDocuments = Json.array();
  final ArrayNode artifacts = Json.array();
  final ArrayNode fileAnnotations = Json.array();
  ObjectNode usage = Json.object();
  long toolTokens;

  /** What the model called and nobody has run yet: it waits for a human's consent. */
  @Nullable ToolRound pending;

  Prompt prompt() {
    return new Prompt(messages, asked);
  }

  /** Returns the conversation with the model as the record shows it. */
  ArrayNode shown() {
    ArrayNode all = prompt().json();
    for (ToolRound round : rounds) {
      all.add(AgentMessages.called(round));
      round.results().forEach(result -> all.add(AgentMessages.told(result)));
    }
    if (pending != null) {
      all.add(AgentMessages.called(pending));
    }
    return all;
  }

  /** Writes everything down. */
  ObjectNode checkpoint() {
    ObjectNode json = Json.object();
    ArrayNode turns = json.putArray(MESSAGES);
    for (Prompt.Message message : messages) {
      turns.add(
          AgentMessages.write(message.turn())
              .put("stored", message.stored() || message.turn().stored()));
    }
    ArrayNode own = json.putArray("asked");
    asked.forEach(turn -> own.add(AgentMessages.write(turn)));
    ArrayNode called = json.putArray("rounds");
    rounds.forEach(round -> called.add(AgentMessages.write(round)));
    if (pending != null) {
      json.set("pending", AgentMessages.write(pending));
    }
    ArrayNode no = json.putArray("rejected");
    rejected.forEach(no::add);
    json.set("usedTools", usedTools);
    json.set("sourceDocuments", sourceDocuments);
    json.set("artifacts", artifacts);
    json.set("fileAnnotations", fileAnnotations);
    json.set("usage", usage);
    return json.put("toolTokens", toolTokens);
  }

  /** Reads what {@link #checkpoint} wrote. */
  static AgentState read(ObjectNode json) {
    var state = new AgentState();
    for (JsonNode turn : json.path(MESSAGES)) {
      boolean stored = turn.path("stored").asBoolean(false);
      state.messages.add(new Prompt.Message(AgentMessages.readTurn(turn), stored));
    }
    json.path("asked").forEach(turn -> state.asked.add(AgentMessages.readTurn(turn)));
    json.path("rounds").forEach(round -> state.rounds.add(AgentMessages.readRound(round)));
    if (json.path("pending").isObject()) {
      state.pending = AgentMessages.readRound(json.path("pending"));
    }
    json.path("rejected").forEach(component -> state.rejected.add(component.asInt()));
    json.path("usedTools").forEach(state.usedTools::add);
    json.path("sourceDocuments").forEach(state.sourceDocuments::add);
    json.path("artifacts").forEach(state.artifacts::add);
    json.path("fileAnnotations").forEach(state.fileAnnotations::add);
    if (json.get("usage") instanceof ObjectNode usage) {
      state.usage = usage;
    }
    state.toolTokens = json.path("toolTokens").asLong(0);
    return state;
  }
}
