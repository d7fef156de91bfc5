package dev.millrace.flows.models;

import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds models that speak OpenAI's Responses API, the only one that has tools of OpenAI itself and
 * tells what a model thought.
 */
final class OpenAiResponses {
  private OpenAiResponses() {}

  /** Tells whether a model needs what only this API has. */
  static boolean has(ModelConfig config, Provider.OpenAiLike like, List<String> builtIn) {
    var summarises =
        OpenAiModels.reasons(config.model()) && config.text("reasoningSummary") != null;
    return like.openAi() && (summarises || !builtIn.isEmpty());
  }

  static BuiltModel build(ModelConfig config, List<String> builtIn) {
    var tools = builtIn.stream().map(name -> tool(config, name)).toList();
    var key = config.key();
    var reasons = OpenAiModels.reasons(config.model());
    var temperature = reasons ? null : config.number("temperature");
    var effort = reasons ? config.text("reasoningEffort") : null;
    var summary = reasons ? config.text("reasoningSummary") : null;
    var strict = config.text("strictToolCalling") == null ? null : config.flag("strictToolCalling");
    var transport = ModelTransport.builder(request -> withHeaders(request, config.headers()));
    var whole =
        OpenAiResponsesChatModel.builder()
            .httpClientBuilder(transport)
            .baseUrl(config.baseUrl())
            .apiKey(key)
            .modelName(config.model())
            .temperature(temperature)
            .topP(config.number("topP"))
            .maxOutputTokens(config.integer("maxTokens"))
            .reasoningEffort(effort)
            .reasoningSummary(summary)
            .strictTools(strict)
            .store(false)
            .serverTools(tools)
            .build();
    var streaming =
        OpenAiResponsesStreamingChatModel.builder()
            .httpClientBuilder(transport)
            .baseUrl(config.baseUrl())
            .apiKey(key)
            .modelName(config.model())
            .temperature(temperature)
            .topP(config.number("topP"))
            .maxOutputTokens(config.integer("maxTokens"))
            .reasoningEffort(effort)
            .reasoningSummary(summary)
            .strictTools(strict)
            .store(false)
            .serverTools(tools)
            .build();
    return new BuiltModel(whole, streaming, BuiltModel::anyFunction);
  }

  /** The client has no place for them. */
  private static HttpRequest withHeaders(HttpRequest request, Map<String, String> headers) {
    if (headers.isEmpty()) {
      return request;
    }
    var all = new HashMap<>(request.headers());
    headers.forEach((name, value) -> all.put(name, List.of(value)));
    return HttpRequest.builder()
        .method(request.method())
        .url(request.url())
        .headers(all)
        .body(request.body())
        .build();
  }

  private static Map<String, Object> tool(ModelConfig config, String name) {
    return switch (name) {
      case "web_search_preview", "image_generation" -> Map.of("type", name);
      case "code_interpreter" -> Map.of("type", name, "container", Map.of("type", "auto"));
      default -> throw config.wrong("the built-in tool '" + name + "' is unknown");
    };
  }
}
