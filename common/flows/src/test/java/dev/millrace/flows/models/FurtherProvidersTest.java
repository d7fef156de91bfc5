package dev.millrace.flows.models;

import static dev.millrace.flows.models.ProviderServer.body;
import static dev.millrace.flows.models.ProviderServer.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Providers that sign, address or write their requests in a way of their own. */
final class FurtherProvidersTest {
  private static final ToolSpec TOOL =
      new ToolSpec(
          "look",
          "looks",
          ModelCalls.object(
              "{'type':'object','properties':{'at':{'type':'string'}},'required':['at']}"));

  private static final String OPENAI =
      "{'id':'1','object':'chat.completion','created':1,'model':'m-1',"
          + "'choices':[{'index':0,'message':{'role':'assistant','content':'hello'},"
          + "'finish_reason':'stop'}],"
          + "'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5}}";

  private static final String OPENAI_CALL =
      "{'id':'1','object':'chat.completion','created':1,'model':'m-1','choices':[{'index':0,"
          + "'message':{'role':'assistant','tool_calls':[{'id':'t1','type':'function','function':"
          + "{'name':'look','arguments':'{}'}}]},'finish_reason':'tool_calls'}],"
          + "'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5}}";

  private static final String OPENAI_STREAM =
      """
      data: {"id":"1","model":"m-1","choices":[{"index":0,"delta":{"role":"assistant","content":"hel"},"finish_reason":null}]}

      data: {"id":"1","model":"m-1","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}

      data: {"id":"1","model":"m-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}

      data: [DONE]

      """;

  private final ProviderServer server = new ProviderServer();
  private final ModelCalls calls = new ModelCalls();
  private final List<String> tokens = new ArrayList<>();

  @AfterEach
  void stop() {
    calls.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "chatCohere,'{''baseUrl'':''@@/v1'',''modelName'':''c''}',cohereApiKey,/v1/chat/completions",
    "chatHuggingFace,'{''baseUrl'':''@@/v1'',''model'':''c''}',huggingFaceApiKey,"
        + "/v1/chat/completions",
    "chatHuggingFace,'{''endpoint'':''@@/own'',''model'':''c''}',huggingFaceApiKey,"
        + "/own/v1/chat/completions",
    "chatCloudflareWorkersAI,'{''baseUrl'':''@@/accounts'',''model'':''c'',"
        + "''cloudflareAccountId'':''acc''}',cloudflareApiToken,"
        + "/accounts/acc/ai/v1/chat/completions",
    "chatBaiduWenxin,'{''baseUrl'':''@@/v2'',''modelName'':''c''}',qianfanApiKey,"
        + "/v2/chat/completions",
  })
  void kinOfOpenAi(String node, String config, String keyField, String path) throws Exception {
    var inputs = config.replace("@@", server.url(""));
    var credential = "{'" + keyField + "':'secret-key'}";
    for (boolean stream : new boolean[] {false, true}) {
      answer(stream, OPENAI);
      var answer = call(node, inputs, credential, stream, null, List.of());
      assertThat(answer.text()).isEqualTo("hello");
      assertThat(answer.usage().path("total_tokens").asInt()).isEqualTo(5);
      var request = server.takeRequest();
      assertThat(request.getUrl().encodedPath()).isEqualTo(path);
      assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer secret-key");
      assertThat(body(request).path("model").asString()).isEqualTo("c");
      assertThat(body(request).path("stream").asBoolean(false)).isEqualTo(stream);
      assertThat(body(request).has("stream_options"))
          .as("Cohere refuses it")
          .isEqualTo(stream && !node.equals("chatCohere"));
    }
    assertThat(tokens).containsExactly("hel", "lo");

    answer(false, OPENAI_CALL);
    var answer = call(node, inputs, credential, false, null, List.of(TOOL));
    assertThat(answer.calls()).extracting(ToolRound.Call::name).containsExactly("look");
    assertThat(body(server.takeRequest()).path("tools").toString()).contains("look");
  }

  @Test
  void huggingFaceTakesItsParameters() throws Exception {
    answer(false, OPENAI);
    var config =
        "{'temperature':'0.5','maxTokens':'9','topP':'0.9','hfTopK':'4',"
            + "'frequencyPenalty':'0.1','stop':'a,b','endpoint':'"
            + server.url("/")
            + "'}";
    call("chatHuggingFace", config, "{}", false, null, List.of());
    var request = server.takeRequest();
    assertThat(request.getHeaders().get("Authorization")).isNull();
    assertThat(body(request).toString())
        .contains("\"model\":\"tgi\"", "\"top_k\":4", "\"max_tokens\":9", "\"stop\":[\"a\",\"b\"]")
        .contains("\"temperature\":0.5", "\"top_p\":0.9", "\"frequency_penalty\":0.1");
  }

  @Test
  void whatIsMissingIsNamed() {
    Map.of(
            "chatCohere", "cohereApiKey",
            "chatHuggingFace", "huggingFaceApiKey",
            "chatCloudflareWorkersAI", "cloudflareAccountId",
            "chatBaiduWenxin", "qianfanAccessKey",
            "chatIBMWatsonx", "serviceUrl",
            "chatGoogleVertexAI", "googleApplicationCredential",
            "awsChatBedrock", "awsKey",
            "chatNemoGuardrails", "basepath")
        .forEach((node, missing) ->
            assertThatThrownBy(() -> call(node, "{'modelName':'m'}", "{}", false, null, List.of()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(node)
                .hasMessageContaining(missing));
    assertThatThrownBy(() ->
            call(
                "chatBaiduWenxin",
                "{'modelName':'m'}",
                "{'baiduApiKey':'a','baiduSecretKey':'b'}",
                false,
                null,
                List.of()))
        .hasMessageContaining("qianfanApiKey");
  }

  @Test
  void baiduMakesATokenOfTwoKeys() throws Exception {
    server.json("{'token':'made-of-both','userId':'u'}");
    answer(false, OPENAI);
    call(
        "chatBaiduWenxin",
        "{'baseUrl':'" + server.url("/v2") + "','iamUrl':'" + server.url("") + "','modelName':'m'}",
        "{'qianfanAccessKey':'ak','qianfanSecretKey':'sk'}",
        false,
        null,
        List.of());
    var asked = server.takeRequest();
    assertThat(asked.getUrl().encodedPath()).isEqualTo("/v1/BCE-BEARER/token");
    assertThat(asked.getHeaders().get("Authorization"))
        .matches(
            "bce-auth-v1/ak/\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ/1800/host/[0-9a-f]{64}");
    assertThat(server.takeRequest().getHeaders().get("Authorization"))
        .isEqualTo("Bearer made-of-both");
  }

  @Test
  void baidusSignatureDependsOnEverything() {
    var url = HttpUrl.get("https://iam.bj.baidubce.com/v1/BCE-BEARER/token?expireInSeconds=86400");
    var now = Instant.parse("2026-01-02T03:04:05Z");
    var signed = BaiduSignature.authorization(url, "ak", "sk", now);
    assertThat(signed)
        .startsWith("bce-auth-v1/ak/2026-01-02T03:04:05Z/1800/host/")
        .isEqualTo(BaiduSignature.authorization(url, "ak", "sk", now))
        .isNotEqualTo(BaiduSignature.authorization(url, "ak", "other", now))
        .isNotEqualTo(BaiduSignature.authorization(url, "ak", "sk", now.plusSeconds(1)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void watsonxHasPathsAndNamesOfItsOwnAndATokenForItsKey(boolean stream) throws Exception {
    var config =
        "{'modelName':'ibm/granite','maxTokens':'9','iamUrl':'" + server.url("/iam") + "'}";
    var credential =
        "{'version':'2024-05-31','projectId':'p1','watsonxAIAuthType':'iam',"
            + "'watsonxAIApikey':'ibm-key','serviceUrl':'"
            + server.url("/")
            + "'}";
    server.json("{'access_token':'for-an-hour','expires_in':3600}");
    for (int i = 0; i < 2; i++) {
      answer(stream, OPENAI);
      var answer = call("chatIBMWatsonx", config, credential, stream, null, List.of());
      assertThat(answer.text()).isEqualTo("hello");
      assertThat(answer.usage().path("total_tokens").asInt()).isEqualTo(5);
    }
    var asked = server.takeRequest();
    assertThat(asked.getUrl().encodedPath()).isEqualTo("/iam/identity/token");
    assertThat(text(asked)).contains("apikey=ibm-key", "grant-type%3Aapikey");
    for (int i = 0; i < 2; i++) {
      var request = server.takeRequest();
      assertThat(request.getUrl().encodedPath())
          .as("and the token is asked for once")
          .isEqualTo(stream ? "/ml/v1/text/chat_stream" : "/ml/v1/text/chat");
      assertThat(request.getUrl().queryParameter("version")).isEqualTo("2024-05-31");
      assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer for-an-hour");
      assertThat(body(request).path("model_id").asString()).isEqualTo("ibm/granite");
      assertThat(body(request).path("project_id").asString()).isEqualTo("p1");
      assertThat(body(request).path("max_tokens").asInt()).isEqualTo(9);
      assertThat(body(request).propertyNames()).doesNotContain("model", "stream", "stream_options");
    }
  }

  @Test
  void watsonxTakesABearerTokenAndOffersTools() throws Exception {
    answer(false, OPENAI_CALL);
    var answer =
        call(
            "chatIBMWatsonx",
            "{'modelName':'m'}",
            ("{'version':'v','serviceUrl':'%s','projectId':'p','watsonxAIAuthType':'bearertoken',"
                    + "'watsonxAIBearerToken':'given'}")
                .formatted(server.url("")),
            false,
            null,
            List.of(TOOL));
    assertThat(answer.calls()).extracting(ToolRound.Call::id).containsExactly("t1");
    assertThat(server.takeRequest().getHeaders().get("Authorization")).isEqualTo("Bearer given");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void vertexIsGeminiInAProjectWithATokenForTheCredential(boolean stream) throws Exception {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    var keys = generator.generateKeyPair();
    var pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(UTF_8))
                .encodeToString(keys.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    var account =
        JsonMapper.shared()
            .createObjectNode()
            .put("type", "service_account")
            .put("project_id", "proj")
            .put("private_key_id", "k1")
            .put("private_key", pem)
            .put("client_email", "me@proj")
            .put("token_uri", server.url("/token"));
    var credential =
        JsonMapper.shared()
            .createObjectNode()
            .put("googleApplicationCredential", account.toString())
            .toString();
    server.json("{'access_token':'ya29','expires_in':3600}");
    var gemini =
        "{'candidates':[{'content':{'role':'model','parts':[{'text':'hello'}]},"
            + "'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':3,"
            + "'candidatesTokenCount':2,'totalTokenCount':5}}";
    if (stream) {
      server.sse("data: " + gemini.replace('\'', '"') + "\n\n");
    } else {
      server.json(gemini);
    }
    var answer =
        calls
            .models()
            .call(
                new ChatModels.Call(
                    "chatGoogleVertexAI",
                    ModelCalls.object(
                        "{'modelName':'gemini-x','region':'europe-west4','maxOutputTokens':'7',"
                            + "'baseUrl':'"
                            + server.url("")
                            + "'}"),
                    (ObjectNode) JsonMapper.shared().readTree(credential),
                    List.of(new ChatTurn("user", "hi")),
                    stream,
                    null,
                    List.of(TOOL),
                    List.of(),
                    List.of()),
                ChatModels.ChatListener.NONE,
                Cancellation.none());
    assertThat(answer.text()).isEqualTo("hello");
    assertThat(answer.usage().path("total_tokens").asInt()).isEqualTo(5);
    var assertion = text(server.takeRequest()).replaceFirst(".*assertion=", "").split("\\.");
    assertThat(verified(keys.getPublic(), assertion)).isTrue();
    assertThat(new String(Base64.getUrlDecoder().decode(assertion[1]), UTF_8))
        .contains("me@proj", server.url("/token"), "cloud-platform");
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath())
        .isEqualTo(
            "/v1/projects/proj/locations/europe-west4/publishers/google/models/gemini-x:"
                + (stream ? "streamGenerateContent" : "generateContent"));
    assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer ya29");
    assertThat(request.getHeaders().get("x-goog-api-key")).isNull();
    assertThat(body(request).toString()).contains("\"look\"", "\"maxOutputTokens\":7");
  }

  @Test
  void guardrailsAnswerForTheirModel() throws Exception {
    for (boolean stream : new boolean[] {false, true}) {
      server.json("{'messages':[{'role':'assistant','content':'I may not say.'}]}");
      var config = "{'configurationId':'strict','baseUrl':'" + server.url("") + "'}";
      var answer = call("chatNemoGuardrails", config, "{}", stream, null, List.of());
      assertThat(answer.text()).isEqualTo("I may not say.");
      var request = server.takeRequest();
      assertThat(request.getUrl().encodedPath()).isEqualTo("/v1/chat/completions");
      assertThat(body(request))
          .isEqualTo(
              ModelCalls.object(
                  "{'config_id':'strict','messages':[{'role':'user','content':'be brief'},"
                      + "{'role':'user','content':'hi'}]}"));
      assertThatThrownBy(
              () -> call("chatNemoGuardrails", config, "{}", stream, null, List.of(TOOL)))
          .hasMessageContaining("no tools");
    }
    assertThat(tokens).containsExactly("I may not say.");
  }

  @Test
  void tokensForAWhileAreBlottedOut() {
    server.json("{'access_token':'for-an-hour','expires_in':3600}");
    for (int i = 0; i < 2; i++) {
      server.enqueue(
          new MockResponse.Builder()
              .code(401)
              .body("{\"error\":\"for-an-hour of ibm-key has ended\"}")
              .build());
      var credential =
          "{'version':'2024-05-31','projectId':'p1','watsonxAIAuthType':'iam',"
              + "'watsonxAIApikey':'ibm-key','serviceUrl':'"
              + server.url("/")
              + "'}";
      var config = "{'modelName':'ibm/granite','iamUrl':'" + server.url("/iam") + "'}";
      assertThatThrownBy(() -> call("chatIBMWatsonx", config, credential, false, null, List.of()))
          .as("also when the token was there already")
          .hasMessage("401 *** of *** has ended");
    }
  }

  private ChatModels.Answer call(
      String node,
      String config,
      String credential,
      boolean stream,
      @Nullable ObjectNode schema,
      List<ToolSpec> tools) {
    return calls
        .models()
        .call(
            new ChatModels.Call(
                node,
                ModelCalls.object(config),
                ModelCalls.object(credential),
                List.of(new ChatTurn("system", "be brief"), new ChatTurn("user", "hi")),
                stream,
                schema,
                tools,
                List.of(),
                List.of()),
            tokens::add,
            Cancellation.none());
  }

  private static boolean verified(PublicKey key, String[] assertion) throws Exception {
    var signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(key);
    signature.update((assertion[0] + "." + assertion[1]).getBytes(UTF_8));
    return signature.verify(Base64.getUrlDecoder().decode(assertion[2]));
  }

  private void answer(boolean stream, String whole) {
    if (stream) {
      server.sse(OPENAI_STREAM);
    } else {
      server.json(whole);
    }
  }
}
