package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.millrace.flows.engine.ChatTurn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Turns a conversation into LangChain4j's messages. */
final class Messages {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, Object>> ATTRIBUTES = new TypeReference<>() {};

  private Messages() {}

  /**
   * Returns the messages in order, then the rounds of function calls.
   *
   * @param blank whether the provider takes messages without any text; else they are left out
   * @param detail how closely it is to look at pictures
   */
  static List<ChatMessage> of(
      List<ChatTurn> turns,
      List<ToolRound> rounds,
      boolean blank,
      ImageContent.DetailLevel detail) {
    var messages = new ArrayList<ChatMessage>();
    for (var turn : turns) {
      var empty = turn.content().isBlank() && turn.images().isEmpty();
      if (!empty || (blank && turn.role().equals("user"))) {
        messages.add(one(turn, detail));
      }
    }
    if (messages.isEmpty()) {
      throw new ModelException("there is no message to send to the model", 0, null);
    }
    rounds.forEach(round -> add(round, messages));
    return messages;
  }

  private static void add(ToolRound round, List<ChatMessage> messages) {
    var calls = new ArrayList<ToolExecutionRequest>();
    for (var call : round.calls()) {
      calls.add(
          ToolExecutionRequest.builder()
              .id(call.id())
              .name(call.name())
              .arguments(object(call.arguments()))
              .build());
    }
    var carry = round.carry();
    var message = AiMessage.builder().toolExecutionRequests(calls);
    if (!round.text().isEmpty()) {
      message.text(round.text());
    }
    if (carry.path("thinking").isString()) {
      message.thinking(carry.path("thinking").stringValue());
    }
    if (carry.get("attributes") instanceof ObjectNode attributes) {
      message.attributes(JSON.convertValue(attributes, ATTRIBUTES));
    }
    messages.add(message.build());
    for (var result : round.results()) {
      messages.add(ToolExecutionResultMessage.from(result.id(), result.name(), result.text()));
    }
  }

  /** Providers refuse to be shown arguments that are no object, though a model wrote them. */
  private static String object(String arguments) {
    return dev.millrace.flows.model.Json.readOrMissing(arguments).isObject() ? arguments : "{}";
  }

  private static ChatMessage one(ChatTurn turn, ImageContent.DetailLevel detail) {
    return switch (turn.role()) {
      case "system", "developer" -> SystemMessage.from(turn.content());
      case "assistant" -> AiMessage.from(turn.content());
      case "user" -> user(turn, detail);
      default ->
          throw new ModelException(
              "a message has the role '"
                  + turn.role()
                  + "'; known are system, developer, user and assistant",
              0,
              null);
    };
  }

  private static ChatMessage user(ChatTurn turn, ImageContent.DetailLevel detail) {
    var contents = new ArrayList<Content>();
    for (var image : turn.images()) {
      contents.add(picture(image, detail));
    }
    if (!turn.content().isEmpty() || contents.isEmpty()) {
      contents.add(TextContent.from(turn.content()));
    }
    var name = name(turn);
    return name == null ? UserMessage.from(contents) : UserMessage.from(name, contents);
  }

  private static Content picture(ChatTurn.Image image, ImageContent.DetailLevel detail) {
    var comma = image.url().indexOf(";base64,");
    if (!image.url().startsWith("data:") || comma < 0) {
      return ImageContent.from(image.url(), detail);
    }
    var mime = image.url().substring("data:".length(), comma);
    return ImageContent.from(image.url().substring(comma + ";base64,".length()), mime, detail);
  }

  /** OpenAI refuses most characters in a name; labels of nodes have them. */
  private static @Nullable String name(ChatTurn turn) {
    var name = turn.name();
    return name == null || name.isBlank() ? null : name.replaceAll("[^a-zA-Z0-9_-]", "_");
  }
}
