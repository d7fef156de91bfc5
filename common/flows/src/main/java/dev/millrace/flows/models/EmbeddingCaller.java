package dev.millrace.flows.models;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.googleai.GoogleAiEmbeddingModel;
import dev.langchain4j.model.mistralai.MistralAiEmbeddingModel;
import dev.langchain4j.model.ollama.OllamaEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.millrace.flows.engine.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Makes the calls of embedding models. Thread-safe. */
final class EmbeddingCaller {
  /** What one request carries unless the node says; every provider takes as many. */
  private static final int BATCH = 96;

  private static final int LARGEST_BATCH = 2048;

  private final OkHttpClient client;
  private final ModelLimits limits;

  EmbeddingCaller(OkHttpClient client, ModelLimits limits) {
    this.client = client;
    this.limits = limits;
  }

  List<float[]> embed(
      EmbeddingProvider provider,
      EmbeddingModels.Model model,
      List<String> texts,
      Cancellation cancellation) {
    cancellation.throwIfCancelled();
    var config = new ModelConfig(provider.chat(), model.config(), model.credential());
    var timeout = config.timeout();
    var within = timeout == null ? limits : limits.within(timeout);
    var exchange = new ModelExchange(client, within, cancellation, SecretWords.of(config));
    try (var _ = cancellation.onCancel(exchange::cancel)) {
      var built = build(provider, config);
      var vectors =
          ScopedValue.where(ModelExchange.CURRENT, exchange)
              .call(() -> embedAll(built, lines(config, texts), batch(config)));
      if (vectors.size() != texts.size()) {
        throw new ModelException(
            provider.node() + " gave " + vectors.size() + " vectors for " + texts.size() + " texts",
            0,
            null);
      }
      return vectors;
    } catch (RuntimeException e) {
      throw exchange.told(e, provider.node());
    }
  }

  private static List<float[]> embedAll(EmbeddingModel model, List<String> texts, int batch) {
    var vectors = new ArrayList<float[]>();
    for (var from = 0; from < texts.size(); from += batch) {
      var part = texts.subList(from, Math.min(texts.size(), from + batch));
      var segments = part.stream().map(TextSegment::from).toList();
      model.embedAll(segments).content().stream().map(Embedding::vector).forEach(vectors::add);
    }
    return vectors;
  }

  private static int batch(ModelConfig config) {
    var said = config.integer("batchSize");
    return said == null ? BATCH : Math.clamp(said, 1, LARGEST_BATCH);
  }

  /** No provider takes an empty text. */
  private static List<String> lines(ModelConfig config, List<String> texts) {
    var strip = config.flag("stripNewLines");
    return texts.stream()
        .map(text -> strip ? text.replace('\n', ' ') : text)
        .map(text -> text.isBlank() ? "(empty)" : text)
        .toList();
  }

  private static EmbeddingModel build(EmbeddingProvider provider, ModelConfig config) {
    return switch (provider.chat()) {
      case Provider.OpenAiLike _ ->
          openAi(config, name(provider, config), config.baseUrl(), config.key(), Map.of());
      case Provider.Azure azure -> azure(config, name(provider, config), azure);
      case Provider.Ollama _ ->
          OllamaEmbeddingModel.builder()
              .httpClientBuilder(ModelTransport.builder())
              .baseUrl(config.baseUrl())
              .modelName(name(provider, config))
              .customHeaders(config.headers())
              .maxRetries(0)
              .build();
      case Provider.Mistral _ ->
          MistralAiEmbeddingModel.builder()
              .httpClientBuilder(ModelTransport.builder())
              .baseUrl(versioned(config.baseUrl(), "/v1"))
              .apiKey(config.keyOrNone())
              .modelName(name(provider, config))
              .maxRetries(0)
              .build();
      case Provider.Gemini _ -> gemini(config, name(provider, config));
      case Provider.Anthropic _,
          Provider.Kin _,
          Provider.Vertex _,
          Provider.Bedrock _,
          Provider.Nemo _ ->
          throw config.wrong("it has no embeddings here");
    };
  }

  private static EmbeddingModel openAi(
      ModelConfig config,
      String model,
      String baseUrl,
      @Nullable String key,
      Map<String, String> query) {
    return OpenAiEmbeddingModel.builder()
        .httpClientBuilder(ModelTransport.builder())
        .baseUrl(baseUrl)
        .apiKey(key)
        .modelName(model)
        .customHeaders(config.headers())
        .customQueryParams(query)
        .dimensions(config.integer("dimensions"))
        .encodingFormat(config.text("encodingFormat"))
        .maxRetries(0)
        .build();
  }

  private static EmbeddingModel azure(ModelConfig config, String model, Provider.Azure azure) {
    var at = OpenAiModels.deployment(config, azure, "azureOpenAIApiEmbeddingsDeploymentName");
    return OpenAiEmbeddingModel.builder()
        .httpClientBuilder(ModelTransport.builder())
        .baseUrl(at.baseUrl())
        .modelName(model)
        .customHeaders(at.headers())
        .customQueryParams(at.query())
        .encodingFormat(config.text("encodingFormat"))
        .maxRetries(0)
        .build();
  }

  private static EmbeddingModel gemini(ModelConfig config, String model) {
    var builder = GoogleAiEmbeddingModel.builder();
    builder.httpClientBuilder(ModelTransport.builder());
    builder.baseUrl(versioned(config.baseUrl(), "/v1beta"));
    builder.apiKey(config.keyOrNone());
    builder.modelName(model);
    builder.maxRetries(0);
    return builder.build();
  }

  private static String versioned(String url, String version) {
    return url.matches(".*/v\\d\\w*") ? url : url + version;
  }

  private static String name(EmbeddingProvider provider, ModelConfig config) {
    for (var key : List.of("customModelName", "modelName", "model")) {
      var name = config.text(key);
      if (name != null) {
        return name;
      }
    }
    if (provider.model() == null) {
      throw new ModelException(provider.node() + ": no model is chosen (modelName)", 0, null);
    }
    return provider.model();
  }
}
