package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowEvent;
import dev.millrace.flows.engine.NodeEvents;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels.ChatListener;
import java.time.InstantSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * Passes a streamed answer on as events, framed as Flowise frames it: an empty token before the
 * first and two after the last, then {@code calledTools} and {@code usageMetadata}.
 */
final class Speaker implements ChatListener {
  private final NodeEvents events;
  private final InstantSource clock;
  private boolean begun;
  private boolean thinking;
  private long thinkingSince;
  private long thoughtMs;

  Speaker(NodeEvents events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
  }

  @Override
  public void thinking(String piece) {
    if (!thinking) {
      thinking = true;
      thinkingSince = clock.millis();
    }
    if (events.heard()) {
      events.emit("thinking", Json.text(piece));
    }
  }

  @Override
  public void token(String piece) {
    if (piece.isEmpty()) {
      return;
    }
    begin();
    events.token(piece);
  }

  /** Ends the answer. */
  void finish(ObjectNode usage) {
    begin();
    events.token("");
    events.token("");
    if (events.heard()) {
      events.emit("calledTools", Json.array());
      if (!usage.isEmpty()) {
        events.emit("usageMetadata", usage);
      }
    }
  }

  long thinkingSeconds() {
    return thoughtMs / 1000;
  }

  private void begin() {
    if (thinking) {
      thinking = false;
      thoughtMs += clock.millis() - thinkingSince;
      if (events.heard()) {
        events.emit(new FlowEvent("thinking", Json.text(""), thinkingSeconds()));
      }
    }
    if (!begun) {
      begun = true;
      events.token("");
    }
  }
}
