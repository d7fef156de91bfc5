package dev.millrace.flows.models;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.util.stream.Collectors;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model behind NeMo's guardrails, which judge whole answers only, so that a stream of one is a
 * single piece. There are no functions and no counts of tokens.
 */
final class NemoModel {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final MediaType TYPE = MediaType.get("application/json");
  private static final long LARGEST = 16L << 20;

  private final String url;
  private final String configuration;

  private NemoModel(String url, String configuration) {
    this.url = url;
    this.configuration = configuration;
  }

  static BuiltModel build(ModelConfig config) {
    var base = config.baseUrl();
    var model =
        new NemoModel(
            base + (base.endsWith("/v1") ? "" : "/v1") + "/chat/completions",
            config.required("configurationId"));
    return new BuiltModel(
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            return model.ask(config, request);
          }
        },
        new StreamingChatModel() {
          @Override
          public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            var response = model.ask(config, request);
            handler.onPartialResponse(new PartialResponse(response.aiMessage().text()), null);
            handler.onCompleteResponse(response);
          }
        },
        _ -> {
          throw config.wrong("guardrails know no functions, so there is no structured output");
        });
  }

  private ChatResponse ask(ModelConfig config, ChatRequest request) {
    if (!request.toolSpecifications().isEmpty()) {
      throw config.wrong("guardrails know no functions, so an agent with them has no tools");
    }
    var body = JSON.createObjectNode().put("config_id", configuration);
    var messages = body.putArray("messages");
    for (var message : request.messages()) {
      // They take the conversation of a user and an assistant, and nothing else.
      var role = message instanceof AiMessage ? "assistant" : "user";
      messages.addObject().put("role", role).put("content", text(message));
    }
    var exchange = ModelExchange.CURRENT.get();
    var call =
        new Request.Builder().url(url).post(RequestBody.create(body.toString(), TYPE)).build();
    try (var response = exchange.open(call)) {
      return answer(response.peekBody(LARGEST).string());
    } catch (IOException e) {
      throw exchange.failure(e);
    }
  }

  /** Older servers answer with messages, newer ones as OpenAI does. */
  private static ChatResponse answer(String body) {
    try {
      var answer = JSON.readTree(body);
      var message = answer.path("messages").path(0);
      if (message.isMissingNode()) {
        message = answer.path("choices").path(0).path("message");
      }
      if (!message.path("content").isString()) {
        throw new ModelException("the guardrails answered without a message", 0, null);
      }
      return ChatResponse.builder()
          .aiMessage(AiMessage.from(message.path("content").stringValue()))
          .finishReason(FinishReason.STOP)
          .build();
    } catch (JacksonException e) {
      throw new ModelException("the guardrails' answer is no JSON", 0, e);
    }
  }

  private static String text(ChatMessage message) {
    return switch (message) {
      case SystemMessage system -> system.text();
      case AiMessage said -> said.text() == null ? "" : said.text();
      case UserMessage user ->
          user.contents().stream()
              .filter(content -> content.type() == ContentType.TEXT)
              .map(content -> ((TextContent) content).text())
              .collect(Collectors.joining("\n"));
      default -> "";
    };
  }
}
