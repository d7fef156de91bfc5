package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Builds models that speak OpenAI's chat completions. {@code reasoningSummary} is not sent: it
 * exists in the Responses API only.
 */
final class OpenAiModels {
  /** Models that refuse {@code temperature} and {@code stop} and take a reasoning effort. */
  private static final Pattern REASONING =
      Pattern.compile("(.*/)?(o\\d.*|codex-mini.*|gpt-5(?!.*-chat).*)");

  private OpenAiModels() {}

  static BuiltModel build(ModelConfig config, boolean openAi) {
    return build(config, config.baseUrl(), config.key(), config.headers(), Map.of(), openAi);
  }

  /**
   * Azure's API is OpenAI's behind another address, with the key in another header. Speaking it
   * through OpenAI's client saves the Azure SDK and the 44 jars that come with it.
   */
  static BuiltModel buildAzure(ModelConfig config, Provider.Azure azure) {
    var at = deployment(config, azure, "azureOpenAIApiDeploymentName");
    return build(config, at.baseUrl(), null, at.headers(), at.query(), true);
  }

  /** Where a deployment of Azure answers, and what it wants to see besides. */
  record Deployment(String baseUrl, Map<String, String> headers, Map<String, String> query) {}

  /**
   * Returns the address of a deployment.
   *
   * @param field the member of the credential that names it
   */
  static Deployment deployment(ModelConfig config, Provider.Azure azure, String field) {
    var key = config.text(azure.keyField());
    if (key == null) {
      throw config.wrong("no API key: choose a credential that has " + azure.keyField());
    }
    var headers = new HashMap<>(config.headers());
    headers.put("api-key", key);
    var named = config.text(field);
    var deployment = named == null ? required(config, "azureOpenAIApiDeploymentName") : named;
    var own = config.ownBaseUrl();
    var base =
        own == null
            ? "https://"
                + required(config, "azureOpenAIApiInstanceName")
                + ".openai.azure.com/openai/deployments"
            : own;
    var version = Map.of("api-version", required(config, "azureOpenAIApiVersion"));
    return new Deployment(base + "/" + deployment, headers, version);
  }

  private static BuiltModel build(
      ModelConfig config,
      String baseUrl,
      @Nullable String key,
      Map<String, String> headers,
      Map<String, String> query,
      boolean openAi) {
    var parameters = parameters(config, openAi);
    var strict = config.text("strictToolCalling") == null ? null : config.flag("strictToolCalling");
    var whole =
        OpenAiChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(baseUrl)
            .apiKey(key)
            .customHeaders(headers)
            .customQueryParams(query)
            .defaultRequestParameters(parameters)
            .strictTools(strict)
            .returnThinking(true)
            .maxRetries(0)
            .build();
    var streaming =
        OpenAiStreamingChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(baseUrl)
            .apiKey(key)
            .customHeaders(headers)
            .customQueryParams(query)
            .defaultRequestParameters(parameters)
            .strictTools(strict)
            .returnThinking(true)
            .build();
    return new BuiltModel(whole, streaming, OpenAiModels::forced);
  }

  /** Tells whether it is one of the models that think and take no temperature. */
  static boolean reasons(String model) {
    return REASONING.matcher(model).matches();
  }

  private static OpenAiChatRequestParameters parameters(ModelConfig config, boolean openAi) {
    var model = config.model();
    var builder =
        OpenAiChatRequestParameters.builder()
            .modelName(model)
            .topP(config.number("topP"))
            .frequencyPenalty(config.number("frequencyPenalty"))
            .presencePenalty(config.number("presencePenalty"));
    if (openAi) {
      builder.maxCompletionTokens(config.integer("maxTokens"));
    } else { // the others know the older name only
      builder.maxOutputTokens(config.integer("maxTokens"));
    }
    if (openAi && reasons(model)) {
      builder.reasoningEffort(config.text("reasoningEffort"));
    } else {
      builder.temperature(config.number("temperature"));
      builder.stopSequences(config.list("stopSequence"));
    }
    return builder.build();
  }

  /** Names the function, as Flowise does; LangChain4j itself only knows "some function". */
  private static ChatRequestParameters forced(ToolSpecification function) {
    return OpenAiChatRequestParameters.builder()
        .toolSpecifications(function)
        .customParameters(
            Map.of(
                "tool_choice",
                Map.of("type", "function", "function", Map.of("name", function.name()))))
        .build();
  }

  private static String required(ModelConfig config, String key) {
    var value = config.text(key);
    if (value == null) {
      throw config.wrong(key + " is not set in the credential");
    }
    return value;
  }
}
