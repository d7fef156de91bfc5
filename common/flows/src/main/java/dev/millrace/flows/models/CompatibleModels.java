package dev.millrace.flows.models;

import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.model.openai.OpenAiChatRequestParameters;
import dev.millrace.flows.models.OpenAiModels.Endpoint;
import dev.millrace.flows.models.Provider.Dialect;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import okhttp3.FormBody;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Builds models that speak OpenAI's chat completions with a difference. */
final class CompatibleModels {
  private static final JsonMapper JSON = JsonMapper.shared();

  private CompatibleModels() {}

  static BuiltModel build(ModelConfig config, Dialect dialect) {
    return switch (dialect) {
      case BAIDU -> baidu(config);
      case CLOUDFLARE -> cloudflare(config);
      case COHERE -> cohere(config);
      case HUGGINGFACE -> huggingFace(config);
      case WATSONX -> watsonx(config);
    };
  }

  /** Refuses {@code stream_options} and knows no function by name that has to be called. */
  private static BuiltModel cohere(ModelConfig config) {
    var transport =
        ModelTransport.builder(request -> changed(request, body -> body.remove("stream_options")));
    var headers = config.headers();
    var at = new Endpoint(transport, config.baseUrl(), config.key(), () -> headers, Map.of());
    return OpenAiModels.build(
        config, at, parameters(config, config.model()).build(), BuiltModel::anyFunction);
  }

  /** The router of all models, or a server of one's own, which serves a single model. */
  private static BuiltModel huggingFace(ModelConfig config) {
    var own = config.text("endpoint");
    var key = config.text(config.provider().keyField());
    if (key == null && own == null) {
      key = config.key(); // says what is missing
    }
    var base = own == null ? config.baseUrl() : own.replaceFirst("/+$", "");
    if (own != null && !base.endsWith("/v1")) {
      base += "/v1";
    }
    var model = own == null ? config.model() : config.text("model");
    var parameters =
        parameters(config, model == null ? "tgi" : model)
            .topP(config.number("topP"))
            .frequencyPenalty(config.number("frequencyPenalty"))
            .stopSequences(config.list("stop"));
    var most = config.integer("hfTopK");
    if (most != null) {
      parameters.customParameters(Map.of("top_k", most));
    }
    var headers = config.headers();
    var at = new Endpoint(ModelTransport.builder(), base, key, () -> headers, Map.of());
    return OpenAiModels.build(config, at, parameters.build(), OpenAiModels::forced);
  }

  private static BuiltModel cloudflare(ModelConfig config) {
    var account = config.required("cloudflareAccountId");
    var token = config.required("cloudflareApiToken");
    var base = config.baseUrl() + "/" + account + "/ai/v1";
    var headers = config.headers();
    var at = new Endpoint(ModelTransport.builder(), base, token, () -> headers, Map.of());
    return OpenAiModels.build(
        config, at, parameters(config, config.model()).build(), BuiltModel::anyFunction);
  }

  /** Takes a lasting key, or one that is made for a while of an access key and its secret. */
  private static BuiltModel baidu(ModelConfig config) {
    var old = config.text("baiduApiKey");
    var key = config.text("qianfanApiKey");
    if (key == null && old != null && old.startsWith("bce-v3/")) {
      key = old;
    }
    if (key == null && old != null && config.text("qianfanAccessKey") == null) {
      throw config.wrong(
          "baiduApiKey belongs to an API that Baidu has replaced: make an API key of Qianfan"
              + " (bce-v3/…) and store it as qianfanApiKey");
    }
    Supplier<Map<String, String>> headers = config::headers;
    if (key == null) {
      var access = config.required("qianfanAccessKey");
      var secret = config.required("qianfanSecretKey");
      var service = HttpUrl.get(or(config.text("iamUrl"), "https://iam.bj.baidubce.com"));
      var token =
          new AccessToken("token", () -> BaiduSignature.tokenRequest(service, access, secret));
      headers = () -> bearer(config, token.get());
    }
    var at = new Endpoint(ModelTransport.builder(), config.baseUrl(), key, headers, Map.of());
    return OpenAiModels.build(
        config, at, parameters(config, config.model()).build(), OpenAiModels::forced);
  }

  /** IBM's paths and names of members, and a token in return for the key. */
  private static BuiltModel watsonx(ModelConfig config) {
    var service = config.required("serviceUrl").replaceFirst("/+$", "");
    var project = config.required("projectId");
    var version = config.required("version");
    var transport =
        ModelTransport.builder(request -> {
          var stream = request.body().contains("\"stream_options\"");
          var url = service + "/ml/v1/text/" + (stream ? "chat_stream" : "chat");
          return changed(
              HttpRequest.builder()
                  .method(request.method())
                  .url(url + "?version=" + version)
                  .headers(request.headers())
                  .body(request.body())
                  .build(),
              body -> {
                body.set("model_id", body.remove("model"));
                body.put("project_id", project);
                body.remove(List.of("stream", "stream_options"));
              });
        });
    var at = new Endpoint(transport, service, null, watsonxHeaders(config), Map.of());
    return OpenAiModels.build(
        config, at, parameters(config, config.model()).build(), OpenAiModels::forced);
  }

  private static Supplier<Map<String, String>> watsonxHeaders(ModelConfig config) {
    if (or(config.text("watsonxAIAuthType"), "iam").equals("bearertoken")) {
      var given = config.required("watsonxAIBearerToken");
      return () -> bearer(config, given);
    }
    var key = config.required("watsonxAIApikey");
    var url = or(config.text("iamUrl"), "https://iam.cloud.ibm.com") + "/identity/token";
    var form =
        new FormBody.Builder()
            .add("grant_type", "urn:ibm:params:oauth:grant-type:apikey")
            .add("apikey", key)
            .build();
    var token =
        new AccessToken("access_token", () -> new Request.Builder().url(url).post(form).build());
    return () -> bearer(config, token.get());
  }

  private static Map<String, String> bearer(ModelConfig config, String token) {
    var headers = new HashMap<>(config.headers());
    headers.put("Authorization", "Bearer " + token);
    return headers;
  }

  private static OpenAiChatRequestParameters.Builder parameters(ModelConfig config, String model) {
    return OpenAiChatRequestParameters.builder()
        .modelName(model)
        .temperature(config.number("temperature"))
        .maxOutputTokens(config.integer("maxTokens"));
  }

  private static HttpRequest changed(HttpRequest request, Consumer<ObjectNode> change) {
    if (request.body() == null || !(JSON.readTree(request.body()) instanceof ObjectNode body)) {
      return request;
    }
    change.accept(body);
    return HttpRequest.builder()
        .method(request.method())
        .url(request.url())
        .headers(request.headers())
        .body(body.toString())
        .build();
  }

  private static String or(@Nullable String given, String other) {
    return given == null ? other : given;
  }
}
