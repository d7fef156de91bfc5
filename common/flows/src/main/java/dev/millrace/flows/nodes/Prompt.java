package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.Conversation;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/**
 * What a model is sent.
 *
 * @param messages in order
 * @param configuredUserTurns those of the node's own messages that speak for the user
 */
record Prompt(List<Message> messages, List<ChatTurn> configuredUserTurns) {
  /**
   * A message.
   *
   * @param stored whether it comes from an earlier run
   */
  record Message(ChatTurn turn, boolean stored) {}

  Prompt {
    messages = List.copyOf(messages);
    configuredUserTurns = List.copyOf(configuredUserTurns);
  }

  /** Returns the messages as the model sees them: with the pictures that answers came with. */
  List<ChatTurn> turns() {
    var turns = new ArrayList<ChatTurn>();
    for (Message message : messages) {
      turns.add(message.turn());
      List<ChatTurn.Image> made = Images.made(message.turn());
      if (!made.isEmpty()) {
        turns.add(new ChatTurn("user", "", made));
      }
    }
    return turns;
  }

  /** Returns the messages as the record shows them. */
  ArrayNode json() {
    var json = Json.array();
    for (Message message : messages) {
      ChatTurn turn = message.turn();
      json.add(message.stored() ? Conversation.stored(turn) : Conversation.said(turn));
    }
    return json;
  }
}
