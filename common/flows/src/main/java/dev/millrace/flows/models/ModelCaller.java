package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.millrace.flows.engine.Cancellation;

/** Makes the calls. The first class that loads LangChain4j. Thread-safe. */
final class ModelCaller {
  /** The function that stands for a structured answer; Flowise's client library calls it so too. */
  private static final String FUNCTION = "extract";

  private final okhttp3.OkHttpClient client;
  private final ModelLimits limits;
  private final ModelCache cache = new ModelCache();

  ModelCaller(okhttp3.OkHttpClient client, ModelLimits limits) {
    this.client = client;
    this.limits = limits;
  }

  ChatModels.Answer call(
      Provider provider,
      ChatModels.Call call,
      ChatModels.ChatListener listener,
      Cancellation cancellation) {
    cancellation.throwIfCancelled();
    var config = new ModelConfig(provider, call.config(), call.credential());
    var timeout = config.timeout();
    var exchange =
        new ModelExchange(
            client,
            timeout == null ? limits : limits.within(timeout),
            cancellation,
            SecretWords.of(config));
    try (var _ = cancellation.onCancel(exchange::cancel)) {
      var model = cache.get(config, call.builtIn());
      var request = request(model, config, call);
      var heard = call.schema() == null ? listener : ChatModels.ChatListener.NONE;
      var response =
          ScopedValue.where(ModelExchange.CURRENT, exchange)
              .call(() -> answer(model, request, call.stream(), heard, exchange, cancellation));
      var made = MadeThings.of(response, config, exchange);
      return Answers.of(response, config, call.schema() != null, made);
    } catch (RuntimeException e) {
      throw exchange.told(e, provider.node());
    }
  }

  private static ChatResponse answer(
      BuiltModel model,
      ChatRequest request,
      boolean stream,
      ChatModels.ChatListener listener,
      ModelExchange exchange,
      Cancellation cancellation) {
    if (!stream) {
      return model.whole().chat(request);
    }
    var collector = new AnswerCollector(listener, exchange, cancellation);
    model.streaming().chat(request, collector);
    return collector.await();
  }

  private static ChatRequest request(BuiltModel model, ModelConfig config, ChatModels.Call call) {
    var request =
        ChatRequest.builder()
            .messages(
                Messages.of(
                    call.messages(), call.rounds(), takesBlank(config.provider()), detail(config)));
    var schema = call.schema();
    if (schema != null) {
      var function =
          ToolSpecification.builder()
              .name(FUNCTION)
              .description("Answers in the required form.")
              .parameters(SchemaElements.object(schema))
              .build();
      request.parameters(model.forced().apply(function));
    } else if (!call.tools().isEmpty()) {
      request.toolSpecifications(call.tools().stream().map(ModelCaller::offered).toList());
    }
    return request.build();
  }

  private static ToolSpecification offered(ToolSpec tool) {
    return ToolSpecification.builder()
        .name(tool.name())
        .description(tool.description())
        .parameters(SchemaElements.object(tool.parameters()))
        .build();
  }

  /** As Flowise has it, a quick look unless the node says otherwise. */
  private static ImageContent.DetailLevel detail(ModelConfig config) {
    var said = config.text("imageResolution");
    return switch (said == null ? "low" : said) {
      case "low" -> ImageContent.DetailLevel.LOW;
      case "high" -> ImageContent.DetailLevel.HIGH;
      case "auto" -> ImageContent.DetailLevel.AUTO;
      default ->
          throw config.wrong("imageResolution is '" + said + "'; known are low, high and auto");
    };
  }

  /** OpenAI takes an empty message, and Flowise sends it one; the others refuse. */
  private static boolean takesBlank(Provider provider) {
    return provider instanceof Provider.OpenAiLike || provider instanceof Provider.Azure;
  }
}
