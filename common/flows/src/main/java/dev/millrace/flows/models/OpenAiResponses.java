package dev.millrace.flows.models;

import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import java.util.List;
import java.util.Map;

/**
 * Builds models that speak OpenAI's Responses API, the only one that has tools of OpenAI itself.
 */
final class OpenAiResponses {
  private OpenAiResponses() {}

  static BuiltModel build(ModelConfig config, List<String> builtIn) {
    var tools = builtIn.stream().map(name -> tool(config, name)).toList();
    var key = config.key();
    var reasons = OpenAiModels.reasons(config.model());
    var temperature = reasons ? null : config.number("temperature");
    var effort = reasons ? config.text("reasoningEffort") : null;
    var whole =
        OpenAiResponsesChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(config.baseUrl())
            .apiKey(key)
            .modelName(config.model())
            .temperature(temperature)
            .topP(config.number("topP"))
            .maxOutputTokens(config.integer("maxTokens"))
            .reasoningEffort(effort)
            .store(false)
            .serverTools(tools)
            .build();
    var streaming =
        OpenAiResponsesStreamingChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(config.baseUrl())
            .apiKey(key)
            .modelName(config.model())
            .temperature(temperature)
            .topP(config.number("topP"))
            .maxOutputTokens(config.integer("maxTokens"))
            .reasoningEffort(effort)
            .store(false)
            .serverTools(tools)
            .build();
    return new BuiltModel(whole, streaming, BuiltModel::anyFunction);
  }

  private static Map<String, Object> tool(ModelConfig config, String name) {
    return switch (name) {
      case "web_search_preview", "image_generation" -> Map.of("type", name);
      case "code_interpreter" -> Map.of("type", name, "container", Map.of("type", "auto"));
      default -> throw config.wrong("the built-in tool '" + name + "' is unknown");
    };
  }
}
