package dev.millrace.flows.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * LangChain4j's way to the network, over the guarded client. Everything happens on the calling
 * thread, a stream's events too. Stateless.
 */
final class ModelTransport implements HttpClient {
  private static final long LARGEST_ANSWER = 64L << 20;

  /** A builder that always builds this transport; the limits come with each call. */
  static HttpClientBuilder builder() {
    return builder(request -> request);
  }

  /** A builder of a transport that sends every request as something else. */
  static HttpClientBuilder builder(UnaryOperator<HttpRequest> translation) {
    return new Builder(translation);
  }

  private final UnaryOperator<HttpRequest> translation;

  private ModelTransport(UnaryOperator<HttpRequest> translation) {
    this.translation = translation;
  }

  @Override
  public SuccessfulHttpResponse execute(HttpRequest request) {
    var exchange = ModelExchange.CURRENT.get();
    try (var response = exchange.open(translate(translation.apply(request)))) {
      var source = response.body().source();
      if (source.request(LARGEST_ANSWER + 1)) {
        throw new ModelException("the model answered with more than 64 MiB", 0, null);
      }
      return success(response, source.readString(UTF_8));
    } catch (IOException e) {
      throw exchange.failure(e);
    }
  }

  @Override
  public void execute(
      HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
    var exchange = ModelExchange.CURRENT.get();
    try (var response = exchange.open(translate(translation.apply(request)))) {
      exchange.streaming(response);
      listener.onOpen(success(response, ""));
      parser.parse(response.body().byteStream(), new Watched(listener, exchange));
      listener.onClose();
    } catch (RuntimeException e) {
      listener.onError(e);
    }
  }

  private static Request translate(HttpRequest request) {
    var translated = new Request.Builder().url(request.url());
    request
        .headers()
        .forEach((name, values) -> values.forEach(value -> translated.addHeader(name, value)));
    var body = request.body();
    return translated
        .method(
            request.method().name(), body == null ? null : RequestBody.create(body.getBytes(UTF_8)))
        .build();
  }

  private static SuccessfulHttpResponse success(Response response, String body) {
    return SuccessfulHttpResponse.builder()
        .statusCode(response.code())
        .headers(response.headers().toMultimap())
        .body(body)
        .build();
  }

  /** Passes events on, except that an error among them is an error, and so is a broken stream. */
  private record Watched(ServerSentEventListener listener, ModelExchange exchange)
      implements ServerSentEventListener {
    @Override
    public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
      var data = event.data();
      var error = data == null ? null : ProviderErrors.inStream(data, exchange.secrets());
      if (error == null) {
        listener.onEvent(event, context);
      } else {
        listener.onError(error);
        exchange.cancel();
      }
    }

    @Override
    public void onEvent(ServerSentEvent event) {
      listener.onEvent(event);
    }

    @Override
    public void onError(Throwable e) {
      listener.onError(e instanceof IOException ? exchange.failure(e) : e);
    }
  }

  private static final class Builder implements HttpClientBuilder {
    private final UnaryOperator<HttpRequest> translation;
    private Duration connectTimeout = Duration.ZERO;
    private Duration readTimeout = Duration.ZERO;

    Builder(UnaryOperator<HttpRequest> translation) {
      this.translation = translation;
    }

    @Override
    public Duration connectTimeout() {
      return connectTimeout;
    }

    @Override
    public HttpClientBuilder connectTimeout(Duration timeout) {
      connectTimeout = timeout;
      return this;
    }

    @Override
    public Duration readTimeout() {
      return readTimeout;
    }

    @Override
    public HttpClientBuilder readTimeout(Duration timeout) {
      readTimeout = timeout;
      return this;
    }

    @Override
    public HttpClient build() {
      return new ModelTransport(translation);
    }
  }
}
