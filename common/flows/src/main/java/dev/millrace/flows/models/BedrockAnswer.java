package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** An answer of Bedrock's Converse, whole or as its stream tells it bit by bit. Of one thread. */
final class BedrockAnswer {
  private final StreamingChatResponseHandler handler;
  private final @Nullable String model;
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder thinking = new StringBuilder();
  private final Map<Integer, Call> calls = new LinkedHashMap<>();
  private String reason = "";
  private JsonNode usage = MissingNode.getInstance();

  BedrockAnswer(StreamingChatResponseHandler handler, @Nullable String model) {
    this.handler = handler;
    this.model = model;
  }

  /** Reads an answer that came at once. */
  static ChatResponse whole(JsonNode answer, @Nullable String model) {
    var text = new StringBuilder();
    var thinking = new StringBuilder();
    var calls = new ArrayList<ToolExecutionRequest>();
    for (var part : answer.path("output").path("message").path("content")) {
      text.append(part.path("text").asString(""));
      thinking.append(
          part.path("reasoningContent").path("reasoningText").path("text").asString(""));
      var use = part.path("toolUse");
      if (use.isObject()) {
        calls.add(call(use.path("toolUseId"), use.path("name"), use.path("input").toString()));
      }
    }
    return response(
        text, thinking, calls, answer.path("stopReason").asString(""), answer.path("usage"), model);
  }

  /** Takes an event of the stream. */
  void add(String kind, ObjectNode event) {
    var block = event.path("contentBlockIndex").asInt(0);
    switch (kind) {
      case "contentBlockStart" -> {
        var use = event.path("start").path("toolUse");
        if (use.isObject()) {
          calls.put(block, new Call(use.path("toolUseId"), use.path("name"), new StringBuilder()));
        }
      }
      case "contentBlockDelta" -> delta(block, event.path("delta"));
      case "messageStop" -> reason = event.path("stopReason").asString("");
      case "metadata" -> usage = event.path("usage");
      default -> {
        // The others only say where something begins or ends.
      }
    }
  }

  /** Tells whether the stream said why it ended, without which the answer is not complete. */
  boolean ended() {
    return !reason.isEmpty();
  }

  ChatResponse response() {
    var made =
        calls.values().stream()
            .map(call -> call(call.id(), call.name(), call.arguments().toString()))
            .toList();
    return response(text, thinking, made, reason, usage, model);
  }

  private void delta(int block, JsonNode delta) {
    var piece = delta.path("text").asString("");
    if (!piece.isEmpty()) {
      text.append(piece);
      handler.onPartialResponse(new PartialResponse(piece), null);
    }
    var thought = delta.path("reasoningContent").path("text").asString("");
    if (!thought.isEmpty()) {
      thinking.append(thought);
      handler.onPartialThinking(new PartialThinking(thought), null);
    }
    var call = calls.get(block);
    if (call != null) {
      call.arguments().append(delta.path("toolUse").path("input").asString(""));
    }
  }

  private static ToolExecutionRequest call(JsonNode id, JsonNode name, String arguments) {
    return ToolExecutionRequest.builder()
        .id(id.asString(""))
        .name(name.asString(""))
        .arguments(arguments.isEmpty() ? "{}" : arguments)
        .build();
  }

  private static ChatResponse response(
      StringBuilder text,
      StringBuilder thinking,
      List<ToolExecutionRequest> calls,
      String reason,
      JsonNode usage,
      @Nullable String model) {
    var message = AiMessage.builder().text(text.toString());
    if (!thinking.isEmpty()) {
      message.thinking(thinking.toString());
    }
    if (!calls.isEmpty()) {
      message.toolExecutionRequests(calls);
    }
    var response =
        ChatResponse.builder()
            .aiMessage(message.build())
            .modelName(model)
            .finishReason(reason(reason));
    if (usage.isObject()) {
      response.tokenUsage(
          new TokenUsage(
              usage.path("inputTokens").asInt(0),
              usage.path("outputTokens").asInt(0),
              usage.path("totalTokens").asInt(0)));
    }
    return response.build();
  }

  private static FinishReason reason(String told) {
    return switch (told) {
      case "end_turn", "stop_sequence" -> FinishReason.STOP;
      case "max_tokens", "model_context_window_exceeded" -> FinishReason.LENGTH;
      case "tool_use" -> FinishReason.TOOL_EXECUTION;
      case "guardrail_intervened", "content_filtered" -> FinishReason.CONTENT_FILTER;
      default -> FinishReason.OTHER;
    };
  }

  private record Call(JsonNode id, JsonNode name, StringBuilder arguments) {}
}
