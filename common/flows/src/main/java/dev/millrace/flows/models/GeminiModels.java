package dev.millrace.flows.models;

import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.googleai.GeminiHarmBlockThreshold;
import dev.langchain4j.model.googleai.GeminiHarmCategory;
import dev.langchain4j.model.googleai.GeminiSafetySetting;
import dev.langchain4j.model.googleai.GeminiThinkingConfig;
import dev.langchain4j.model.googleai.GoogleAiGeminiChatModel;
import dev.langchain4j.model.googleai.GoogleAiGeminiStreamingChatModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Builds models that speak Google's generateContent API. */
final class GeminiModels {
  private static final Set<String> BUILT_IN = Set.of("urlContext", "googleSearch", "codeExecution");

  private GeminiModels() {}

  static BuiltModel build(ModelConfig config, List<String> builtIn) {
    var headers = config.headers();
    var at =
        new OpenAiModels.Endpoint(
            ModelTransport.builder(), baseUrl(config), config.keyOrNone(), () -> headers, Map.of());
    return build(config, builtIn, at);
  }

  /**
   * @param at where it answers; it has to name a key
   */
  static BuiltModel build(ModelConfig config, List<String> builtIn, OpenAiModels.Endpoint at) {
    for (var name : builtIn) {
      if (!BUILT_IN.contains(name)) {
        throw config.wrong("the built-in tool '" + name + "' is unknown");
      }
    }
    var parameters =
        DefaultChatRequestParameters.builder()
            .modelName(config.model())
            .temperature(config.number("temperature"))
            .topP(config.number("topP"))
            .topK(config.integer("topK"))
            .maxOutputTokens(config.integer("maxOutputTokens"))
            .build();
    var thinking = thinking(config);
    var safety = safety(config);
    var whole =
        GoogleAiGeminiChatModel.builder()
            .httpClientBuilder(at.http())
            .baseUrl(at.baseUrl())
            .apiKey(at.key())
            .customHeaders(at.headers())
            .defaultRequestParameters(parameters)
            .thinkingConfig(thinking)
            .safetySettings(safety)
            .allowUrlContext(builtIn.contains("urlContext"))
            .allowGoogleSearch(builtIn.contains("googleSearch"))
            .allowCodeExecution(builtIn.contains("codeExecution"))
            .returnThinking(true)
            .maxRetries(0)
            .build();
    var streaming =
        GoogleAiGeminiStreamingChatModel.builder()
            .httpClientBuilder(at.http())
            .baseUrl(at.baseUrl())
            .apiKey(at.key())
            .customHeaders(at.headers())
            .defaultRequestParameters(parameters)
            .thinkingConfig(thinking)
            .safetySettings(safety)
            .allowUrlContext(builtIn.contains("urlContext"))
            .allowGoogleSearch(builtIn.contains("googleSearch"))
            .allowCodeExecution(builtIn.contains("codeExecution"))
            .returnThinking(true)
            .build();
    return new BuiltModel(whole, streaming, BuiltModel::anyFunction);
  }

  /** The node's base URL has no version, LangChain4j's has. */
  private static String baseUrl(ModelConfig config) {
    var url = config.baseUrl();
    return url.matches(".*/v\\d\\w*") ? url : url + "/v1beta";
  }

  private static @Nullable GeminiThinkingConfig thinking(ModelConfig config) {
    var budget = config.integer("thinkingBudget");
    var level = config.text("thinkingLevel");
    if (budget == null && level == null) {
      return null;
    }
    return GeminiThinkingConfig.builder()
        .includeThoughts(true)
        .thinkingBudget(budget)
        .thinkingLevel(level)
        .build();
  }

  /** Reads the table of today's node, and the two lists with commas of older exports. */
  private static List<GeminiSafetySetting> safety(ModelConfig config) {
    var settings = new ArrayList<GeminiSafetySetting>();
    for (var row : rows(config)) {
      settings.add(
          setting(
              config,
              row.path("harmCategory").asString(""),
              row.path("harmBlockThreshold").asString("")));
    }
    var categories = config.list("harmCategory");
    var thresholds = config.list("harmBlockThreshold");
    if (settings.isEmpty() && categories != null && thresholds != null) {
      for (var i = 0; i < Math.min(categories.size(), thresholds.size()); i++) {
        settings.add(setting(config, categories.get(i), thresholds.get(i)));
      }
    }
    return settings;
  }

  private static JsonNode rows(ModelConfig config) {
    var table = config.inputs().path("safetySettings");
    if (!table.isString()) {
      return table;
    }
    try {
      return JsonMapper.shared().readTree(table.asString().isBlank() ? "[]" : table.asString());
    } catch (JacksonException e) {
      throw config.wrong("safetySettings is not valid JSON: " + e.getOriginalMessage());
    }
  }

  private static GeminiSafetySetting setting(
      ModelConfig config, String category, String threshold) {
    try {
      return new GeminiSafetySetting(
          GeminiHarmCategory.valueOf(category), GeminiHarmBlockThreshold.valueOf(threshold));
    } catch (IllegalArgumentException e) {
      throw config.wrong("unknown safety setting '" + category + "' = '" + threshold + "'");
    }
  }
}
