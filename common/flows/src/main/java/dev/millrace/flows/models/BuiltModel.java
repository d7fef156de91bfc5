package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.util.List;
import java.util.function.Function;

/**
 * A model ready to be called by any number of runs at once.
 *
 * @param whole answers at once
 * @param streaming answers token by token
 * @param forced the parameters that make it call this function, or answer in its form
 */
record BuiltModel(
    ChatModel whole,
    StreamingChatModel streaming,
    Function<ToolSpecification, ChatRequestParameters> forced) {
  /** Says "call some function" where there is only one. */
  static ChatRequestParameters anyFunction(ToolSpecification function) {
    return DefaultChatRequestParameters.builder()
        .toolSpecifications(function)
        .toolChoice(ToolChoice.REQUIRED)
        .build();
  }

  /**
   * @param builtIn tools of the provider itself that it may use
   */
  static BuiltModel of(ModelConfig config, List<String> builtIn) {
    if (config.text("proxyUrl") != null) {
      throw config.wrong("proxyUrl is not supported: a proxy would bypass the guard of addresses");
    }
    return switch (config.provider()) {
      case Provider.OpenAiLike like when OpenAiResponses.has(config, like, builtIn) ->
          OpenAiResponses.build(config, builtIn);
      case Provider.Anthropic _ -> AnthropicModels.build(config, builtIn);
      case Provider.Gemini _ -> GeminiModels.build(config, builtIn);
      case Provider.OpenAiLike like -> OpenAiModels.build(config, like.openAi());
      case Provider.Azure azure -> OpenAiModels.buildAzure(config, azure);
      case Provider.Ollama _ -> OllamaModels.build(config);
      case Provider.Mistral _ -> MistralModels.build(config);
      case Provider.Kin kin -> CompatibleModels.build(config, kin.dialect());
      case Provider.Vertex _ -> VertexModels.build(config, builtIn);
      case Provider.Bedrock _ -> BedrockModel.build(config);
      case Provider.Nemo _ -> NemoModel.build(config);
    };
  }
}
