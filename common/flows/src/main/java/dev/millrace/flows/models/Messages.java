package dev.millrace.flows.models;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.millrace.flows.engine.ChatTurn;
import java.util.List;

/** Turns a conversation into LangChain4j's messages. */
final class Messages {
  private Messages() {}

  /**
   * Returns the messages in order; those without any text are left out, as no provider takes them.
   */
  static List<ChatMessage> of(List<ChatTurn> turns) {
    var messages = turns.stream().filter(t -> !t.content().isBlank()).map(Messages::one).toList();
    if (messages.isEmpty()) {
      throw new ModelException("there is no message to send to the model", 0, null);
    }
    return messages;
  }

  private static ChatMessage one(ChatTurn turn) {
    return switch (turn.role()) {
      case "system", "developer" -> SystemMessage.from(turn.content());
      case "assistant" -> AiMessage.from(turn.content());
      case "user" -> user(turn);
      default ->
          throw new ModelException(
              "a message has the role '"
                  + turn.role()
                  + "'; known are system, developer, user and assistant",
              0,
              null);
    };
  }

  private static ChatMessage user(ChatTurn turn) {
    var name = turn.name();
    if (name == null || name.isBlank()) {
      return UserMessage.from(turn.content());
    }
    // OpenAI refuses any other character in a name; labels of nodes have them.
    return UserMessage.from(name.replaceAll("[^a-zA-Z0-9_-]", "_"), turn.content());
  }
}
