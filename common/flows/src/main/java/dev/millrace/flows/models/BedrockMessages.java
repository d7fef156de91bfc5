package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes requests as Bedrock's Converse reads them. */
final class BedrockMessages {
  private static final JsonMapper JSON = JsonMapper.shared();

  private BedrockMessages() {}

  static ObjectNode body(ModelConfig config, ChatRequest request) {
    var body = JSON.createObjectNode();
    var messages = body.putArray("messages");
    var system = JSON.createArrayNode();
    for (var message : request.messages()) {
      if (message instanceof SystemMessage said) {
        system.addObject().put("text", said.text());
      } else {
        content(messages, message instanceof AiMessage ? "assistant" : "user")
            .addAll(parts(config, message));
      }
    }
    if (!system.isEmpty()) {
      body.set("system", system);
    }
    var limits = JSON.createObjectNode();
    if (request.maxOutputTokens() != null) {
      limits.put("maxTokens", request.maxOutputTokens());
    }
    if (request.temperature() != null) {
      limits.put("temperature", request.temperature());
    }
    if (!limits.isEmpty()) {
      body.set("inferenceConfig", limits);
    }
    if (!request.toolSpecifications().isEmpty()) {
      body.set("toolConfig", tools(request));
    }
    return body;
  }

  /** Returns where to put what a role says next: user and assistant have to take turns. */
  private static ArrayNode content(ArrayNode messages, String role) {
    var last = messages.isEmpty() ? null : messages.get(messages.size() - 1);
    if (last != null
        && last.path("role").asString("").equals(role)
        && last.get("content") instanceof ArrayNode content) {
      return content;
    }
    return messages.addObject().put("role", role).putArray("content");
  }

  private static List<ObjectNode> parts(ModelConfig config, ChatMessage message) {
    return switch (message) {
      case UserMessage user -> user.contents().stream().map(one -> part(config, one)).toList();
      case AiMessage said -> said(said);
      case ToolExecutionResultMessage told -> List.of(result(told));
      default -> throw config.wrong("cannot be sent a message of type " + message.type());
    };
  }

  private static ObjectNode part(ModelConfig config, Content content) {
    var part = JSON.createObjectNode();
    switch (content) {
      case TextContent text -> part.put("text", text.text());
      case ImageContent picture -> {
        var data = picture.image().base64Data();
        var mime = picture.image().mimeType();
        if (data == null || mime == null) {
          throw config.wrong("takes pictures that are uploaded, not addresses of pictures");
        }
        var image = part.putObject("image");
        image.put("format", mime.substring(mime.indexOf('/') + 1).replace("jpg", "jpeg"));
        image.putObject("source").put("bytes", data);
      }
      default -> throw config.wrong("cannot be sent content of type " + content.type());
    }
    return part;
  }

  private static List<ObjectNode> said(AiMessage said) {
    var parts = JSON.createArrayNode();
    if (said.text() != null && !said.text().isBlank()) {
      parts.addObject().put("text", said.text());
    }
    for (var call : said.toolExecutionRequests()) {
      var use = parts.addObject().putObject("toolUse");
      use.put("toolUseId", call.id()).put("name", call.name());
      use.set("input", JSON.readTree(call.arguments()));
    }
    return parts.valueStream().map(ObjectNode.class::cast).toList();
  }

  private static ObjectNode result(ToolExecutionResultMessage told) {
    var part = JSON.createObjectNode();
    var result = part.putObject("toolResult").put("toolUseId", told.id());
    // An empty text is refused.
    var text = told.text().isEmpty() ? "(nothing)" : told.text();
    result.putArray("content").addObject().put("text", text);
    return part;
  }

  private static ObjectNode tools(ChatRequest request) {
    var tools = JSON.createObjectNode();
    var list = tools.putArray("tools");
    for (ToolSpecification tool : request.toolSpecifications()) {
      var spec = list.addObject().putObject("toolSpec").put("name", tool.name());
      if (tool.description() != null && !tool.description().isBlank()) {
        spec.put("description", tool.description());
      }
      spec.putObject("inputSchema").set("json", schema(tool));
    }
    if (request.toolChoice() == ToolChoice.REQUIRED) {
      tools.putObject("toolChoice").putObject("any");
    }
    return tools;
  }

  private static JsonNode schema(ToolSpecification tool) {
    Map<String, Object> schema =
        tool.parameters() == null
            ? Map.of("type", "object", "properties", Map.of())
            : JsonSchemaElementUtils.toMap(tool.parameters());
    return JSON.valueToTree(schema);
  }
}
