package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Builds models that speak OpenAI's chat completions. A {@code reasoningSummary} exists in the
 * Responses API only: {@link OpenAiResponses}.
 */
final class OpenAiModels {
  /** Models that refuse {@code temperature} and {@code stop} and take a reasoning effort. */
  private static final Pattern REASONING =
      Pattern.compile("(.*/)?(o\\d.*|codex-mini.*|gpt-5(?!.*-chat).*)");

  private OpenAiModels() {}

  /**
   * Where a provider answers, and how it is spoken to.
   *
   * @param http what carries the requests
   * @param key what they are signed with; null when the headers do that
   * @param headers asked for with every request
   */
  record Endpoint(
      HttpClientBuilder http,
      String baseUrl,
      @Nullable String key,
      Supplier<Map<String, String>> headers,
      Map<String, String> query) {}

  static BuiltModel build(ModelConfig config, boolean openAi) {
    var headers = config.headers();
    var at =
        new Endpoint(
            ModelTransport.builder(), config.baseUrl(), config.key(), () -> headers, Map.of());
    return build(config, at, parameters(config, openAi), OpenAiModels::forced);
  }

  /**
   * Azure's API is OpenAI's behind another address, with the key in another header. Speaking it
   * through OpenAI's client saves the Azure SDK and the 44 jars that come with it.
   */
  static BuiltModel buildAzure(ModelConfig config, Provider.Azure azure) {
    var at = deployment(config, azure, "azureOpenAIApiDeploymentName");
    var headers = at.headers();
    var endpoint =
        new Endpoint(ModelTransport.builder(), at.baseUrl(), null, () -> headers, at.query());
    return build(config, endpoint, parameters(config, true), OpenAiModels::forced);
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
    var deployment = named == null ? config.required("azureOpenAIApiDeploymentName") : named;
    var own = config.ownBaseUrl();
    var base =
        own == null
            ? "https://"
                + config.required("azureOpenAIApiInstanceName")
                + ".openai.azure.com/openai/deployments"
            : own;
    var version = Map.of("api-version", config.required("azureOpenAIApiVersion"));
    return new Deployment(base + "/" + deployment, headers, version);
  }

  /**
   * @param forced how the model is made to call a function
   */
  static BuiltModel build(
      ModelConfig config,
      Endpoint at,
      OpenAiChatRequestParameters parameters,
      Function<ToolSpecification, ChatRequestParameters> forced) {
    var strict = config.text("strictToolCalling") == null ? null : config.flag("strictToolCalling");
    var whole =
        OpenAiChatModel.builder()
            .httpClientBuilder(at.http())
            .baseUrl(at.baseUrl())
            .apiKey(at.key())
            .customHeaders(at.headers())
            .customQueryParams(at.query())
            .defaultRequestParameters(parameters)
            .strictTools(strict)
            .returnThinking(true)
            .maxRetries(0)
            .build();
    var streaming =
        OpenAiStreamingChatModel.builder()
            .httpClientBuilder(at.http())
            .baseUrl(at.baseUrl())
            .apiKey(at.key())
            .customHeaders(at.headers())
            .customQueryParams(at.query())
            .defaultRequestParameters(parameters)
            .strictTools(strict)
            .returnThinking(true)
            .build();
    return new BuiltModel(whole, streaming, forced);
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
  static ChatRequestParameters forced(ToolSpecification function) {
    return OpenAiChatRequestParameters.builder()
        .toolSpecifications(function)
        .customParameters(
            Map.of(
                "tool_choice",
                Map.of("type", "function", "function", Map.of("name", function.name()))))
        .build();
  }
}
