package dev.millrace.flows.models;

import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.mistralai.MistralAiChatModel;
import dev.langchain4j.model.mistralai.MistralAiStreamingChatModel;

/** Builds models that speak Mistral's chat completions. */
final class MistralModels {
  private MistralModels() {}

  static BuiltModel build(ModelConfig config) {
    var parameters =
        DefaultChatRequestParameters.builder()
            .modelName(config.model())
            .temperature(config.number("temperature"))
            .topP(config.number("topP"))
            .maxOutputTokens(config.integer("maxOutputTokens"))
            .build();
    var safe = config.text("safeMode") == null ? null : config.flag("safeMode");
    var whole =
        MistralAiChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(baseUrl(config))
            .apiKey(config.keyOrNone())
            .customHeaders(config.headers())
            .defaultRequestParameters(parameters)
            .safePrompt(safe)
            .randomSeed(config.integer("randomSeed"))
            .returnThinking(true)
            .maxRetries(0)
            .build();
    var streaming =
        MistralAiStreamingChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(baseUrl(config))
            .apiKey(config.keyOrNone())
            .customHeaders(config.headers())
            .defaultRequestParameters(parameters)
            .safePrompt(safe)
            .randomSeed(config.integer("randomSeed"))
            .returnThinking(true)
            .build();
    return new BuiltModel(whole, streaming, BuiltModel::anyFunction);
  }

  /** The node's endpoint has no version, LangChain4j's base URL has. */
  private static String baseUrl(ModelConfig config) {
    var url = config.baseUrl();
    return url.matches(".*/v\\d\\w*") ? url : url + "/v1";
  }
}
