package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicChatRequestParameters;
import dev.langchain4j.model.anthropic.AnthropicServerTool;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.List;
import java.util.Map;

/** Builds models that speak Anthropic's messages API. */
final class AnthropicModels {
  /** The API insists on a limit; this one every model permits. */
  private static final int ANSWER_TOKENS = 4096;

  private AnthropicModels() {}

  static BuiltModel build(ModelConfig config, List<String> builtIn) {
    var tools = builtIn.stream().map(name -> tool(config, name)).toList();
    var parameters = parameters(config);
    var effort = config.flag("adaptiveThinking") ? config.text("thinkingEffort") : null;
    Map<String, Object> custom =
        effort == null ? Map.of() : Map.of("output_config", Map.of("effort", effort));
    var whole =
        AnthropicChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(config.baseUrl())
            .apiKey(config.keyOrNone())
            .customHeaders(config.headers())
            .customParameters(custom)
            .defaultRequestParameters(parameters)
            .serverTools(tools)
            .returnThinking(true)
            .maxRetries(0)
            .build();
    var streaming =
        AnthropicStreamingChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(config.baseUrl())
            .apiKey(config.keyOrNone())
            .customHeaders(config.headers())
            .customParameters(custom)
            .defaultRequestParameters(parameters)
            .serverTools(tools)
            .returnThinking(true)
            .build();
    var thinks = thinks(config);
    return new BuiltModel(whole, streaming, function -> forced(function, thinks));
  }

  /** Their names end in the day of their version, e.g. {@code web_search_20250305}. */
  private static AnthropicServerTool tool(ModelConfig config, String type) {
    if (!type.matches("[a-z_]{1,40}_\\d{8}")) {
      throw config.wrong("the built-in tool '" + type + "' is unknown");
    }
    return AnthropicServerTool.builder()
        .type(type)
        .name(type.substring(0, type.length() - "_20250305".length()))
        .addAttribute("max_uses", 5)
        .build();
  }

  private static AnthropicChatRequestParameters parameters(ModelConfig config) {
    var builder = AnthropicChatRequestParameters.builder().modelName(config.model());
    var limit = config.integer("maxTokensToSample");
    if (config.flag("adaptiveThinking")) {
      return builder
          .thinkingType("adaptive")
          .maxOutputTokens(limit == null ? ANSWER_TOKENS * 4 : limit)
          .build();
    }
    if (config.flag("extendedThinking")) {
      var budget = config.integer("budgetTokens");
      var thought = budget == null ? 1024 : budget;
      return builder
          .thinkingType("enabled")
          .thinkingBudgetTokens(thought)
          .maxOutputTokens(limit == null ? thought + ANSWER_TOKENS : limit)
          .build();
    }
    // A model that thinks refuses these three.
    return builder
        .temperature(config.number("temperature"))
        .topP(config.number("topP"))
        .topK(config.integer("topK"))
        .maxOutputTokens(limit == null ? ANSWER_TOKENS : limit)
        .build();
  }

  private static ChatRequestParameters forced(ToolSpecification function, boolean thinks) {
    if (thinks) { // the API refuses to force a model that thinks
      return DefaultChatRequestParameters.builder()
          .toolSpecifications(function)
          .toolChoice(ToolChoice.AUTO)
          .build();
    }
    return AnthropicChatRequestParameters.builder()
        .toolSpecifications(function)
        .toolChoice(ToolChoice.REQUIRED)
        .toolChoiceName(function.name())
        .build();
  }

  private static boolean thinks(ModelConfig config) {
    return config.flag("extendedThinking") || config.flag("adaptiveThinking");
  }
}
