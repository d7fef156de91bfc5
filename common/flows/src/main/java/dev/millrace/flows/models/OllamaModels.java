package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaChatRequestParameters;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Builds models that speak Ollama's own API. {@code tfsZ} is gone from it and is not sent. */
final class OllamaModels {
  private static final Pattern DURATION = Pattern.compile("(-?\\d+)\\s*(s|m|h)?");

  private OllamaModels() {}

  static BuiltModel build(ModelConfig config) {
    var parameters = parameters(config);
    var format = config.flag("jsonMode") ? ResponseFormat.JSON : null;
    var headers = headers(config);
    var whole =
        OllamaChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(config.baseUrl())
            .customHeaders(headers)
            .defaultRequestParameters(parameters)
            .responseFormat(format)
            .returnThinking(true)
            .maxRetries(0)
            .build();
    var streaming =
        OllamaStreamingChatModel.builder()
            .httpClientBuilder(ModelTransport.builder())
            .baseUrl(config.baseUrl())
            .customHeaders(headers)
            .defaultRequestParameters(parameters)
            .responseFormat(format)
            .returnThinking(true)
            .build();
    return new BuiltModel(whole, streaming, OllamaModels::forced);
  }

  private static OllamaChatRequestParameters parameters(ModelConfig config) {
    return OllamaChatRequestParameters.builder()
        .modelName(config.model())
        .temperature(config.number("temperature"))
        .topP(config.number("topP"))
        .topK(config.integer("topK"))
        .mirostat(config.integer("mirostat"))
        .mirostatEta(config.number("mirostatEta"))
        .mirostatTau(config.number("mirostatTau"))
        .numCtx(config.integer("numCtx"))
        .numGPU(config.integer("numGpu"))
        .numThread(config.integer("numThread"))
        .repeatLastN(config.integer("repeatLastN"))
        .repeatPenalty(config.number("repeatPenalty"))
        .stopSequences(config.list("stop"))
        .keepAlive(seconds(config, "keepAlive"))
        .think(config.text("think") == null ? null : config.flag("think"))
        .build();
  }

  /** Ollama cannot be told to call a function; it can be told the form of its answer. */
  private static ChatRequestParameters forced(ToolSpecification function) {
    var schema =
        JsonSchema.builder().name(function.name()).rootElement(function.parameters()).build();
    return DefaultChatRequestParameters.builder()
        .responseFormat(
            ResponseFormat.builder().type(ResponseFormatType.JSON).jsonSchema(schema).build())
        .build();
  }

  private static Map<String, String> headers(ModelConfig config) {
    var key = config.key();
    var headers = new HashMap<>(config.headers());
    if (key != null) {
      headers.put("Authorization", "Bearer " + key);
    }
    return headers;
  }

  /** Reads {@code 5m}, {@code 30s}, {@code 1h}, seconds without a unit, or -1 for ever. */
  private static @Nullable Integer seconds(ModelConfig config, String key) {
    var text = config.text(key);
    if (text == null) {
      return null;
    }
    var matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw config.wrong(key + " is '" + text + "', not a duration such as 5m");
    }
    var unit = matcher.group(2);
    var factor = unit == null || unit.equals("s") ? 1 : unit.equals("m") ? 60 : 3600;
    return Integer.parseInt(matcher.group(1)) * factor;
  }
}
