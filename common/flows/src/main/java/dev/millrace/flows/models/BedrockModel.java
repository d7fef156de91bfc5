package dev.millrace.flows.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.io.IOException;
import java.net.URLEncoder;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import software.amazon.awssdk.eventstream.MessageDecoder;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Models of Amazon Bedrock by its Converse API, which is the same for all of them. Spoken here
 * rather than by Amazon's client, which would bring an own way to the network.
 */
final class BedrockModel {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final MediaType TYPE = MediaType.get("application/json");
  private static final long LARGEST = 64L << 20;

  private final ModelConfig config;
  private final String region;
  private final HttpUrl base;

  private BedrockModel(ModelConfig config) {
    this.config = config;
    var named = config.text("region");
    this.region = named == null ? "us-east-1" : named;
    if (!region.matches("[a-z0-9-]{1,40}")) {
      throw config.wrong("region is '" + region + "', which is no name of a region");
    }
    var own = config.ownBaseUrl();
    this.base =
        HttpUrl.get(own == null ? "https://bedrock-runtime." + region + ".amazonaws.com" : own);
    BedrockSignature.check(config);
  }

  static BuiltModel build(ModelConfig config) {
    var model = new BedrockModel(config);
    var parameters =
        DefaultChatRequestParameters.builder()
            .modelName(config.model())
            .temperature(config.number("temperature"))
            .maxOutputTokens(config.integer("max_tokens_to_sample"))
            .build();
    return new BuiltModel(
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            return model.whole(request);
          }

          @Override
          public ChatRequestParameters defaultRequestParameters() {
            return parameters;
          }
        },
        new StreamingChatModel() {
          @Override
          public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            model.stream(request, handler);
          }

          @Override
          public ChatRequestParameters defaultRequestParameters() {
            return parameters;
          }
        },
        BuiltModel::anyFunction);
  }

  private ChatResponse whole(ChatRequest request) {
    var exchange = ModelExchange.CURRENT.get();
    try (var response = exchange.open(signed(request, "converse"))) {
      var source = response.body().source();
      if (source.request(LARGEST + 1)) {
        throw new ModelException("the model answered with more than 64 MiB", 0, null);
      }
      return BedrockAnswer.whole(JSON.readTree(source.readString(UTF_8)), request.modelName());
    } catch (IOException e) {
      throw exchange.failure(e);
    } catch (JacksonException e) {
      throw new ModelException("the answer of Bedrock is no JSON", 0, e);
    }
  }

  private void stream(ChatRequest request, StreamingChatResponseHandler handler) {
    var exchange = ModelExchange.CURRENT.get();
    try (var response = exchange.open(signed(request, "converse-stream"))) {
      exchange.streaming(response);
      var answer = new BedrockAnswer(handler, request.modelName());
      read(response, answer);
      if (answer.ended()) {
        handler.onCompleteResponse(answer.response());
      }
    } catch (IOException e) {
      handler.onError(exchange.failure(e));
    } catch (RuntimeException e) {
      handler.onError(e);
    }
  }

  private static void read(Response response, BedrockAnswer answer) throws IOException {
    var decoder =
        new MessageDecoder(message -> {
          var headers = message.getHeaders();
          var kind = headers.get(":event-type");
          var failure = headers.get(":exception-type");
          var body = JSON.readTree(new String(message.getPayload(), UTF_8));
          if (failure != null) {
            throw new ModelException(
                "the provider ended the stream: "
                    + failure.getString()
                    + ": "
                    + body.path("message").asString(""),
                0,
                null);
          }
          if (kind != null && body instanceof ObjectNode event) {
            answer.add(kind.getString(), event);
          }
        });
    var in = response.body().byteStream();
    var buffer = new byte[8192];
    for (var n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      decoder.feed(buffer, 0, n);
    }
  }

  private Request signed(ChatRequest request, String operation) {
    // Ids of models have colons and slashes in them.
    var id = URLEncoder.encode(request.modelName(), UTF_8).replace("+", "%20");
    var url =
        base.newBuilder()
            .addPathSegment("model")
            .addEncodedPathSegment(id)
            .addPathSegment(operation)
            .build();
    var body = BedrockMessages.body(config, request).toString().getBytes(UTF_8);
    var unsigned = new Request.Builder().url(url).post(RequestBody.create(body, TYPE));
    return BedrockSignature.sign(config, region, unsigned.build(), body);
  }
}
