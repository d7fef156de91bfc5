package dev.millrace.flows.models;

import static dev.millrace.flows.models.ProviderServer.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import mockwebserver3.MockResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each provider is sent, and what becomes of its answer. */
final class ProviderShapeTest {
  private static final String SCHEMA =
      "{'type':'object','properties':{'lang':{'type':'string'}},'required':['lang']}";

  private final ProviderServer server = new ProviderServer();
  private final ModelCalls calls = new ModelCalls();

  @AfterEach
  void stop() {
    calls.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "groqChat,groqApiKey,basepath",
    "chatOpenAICustom,openAIApiKey,basepath",
    "chatLocalAI,localAIApiKey,basePath",
    "chatDeepseek,deepseekApiKey,basepath",
    "chatOpenRouter,openRouterApiKey,basepath",
    "chatTogetherAI,togetherAIApiKey,basepath",
    "chatFireworks,fireworksApiKey,basepath",
    "chatXAI,xaiApiKey,basepath",
    "chatPerplexity,perplexityApiKey,basepath",
    "chatCerebras,cerebrasApiKey,basepath",
    "chatNvidiaNIM,nvidiaNIMApiKey,basePath",
    "chatLitellm,litellmApiKey,basePath",
    "chatSambanova,sambanovaApiKey,basepath",
    "chatCometAPI,cometApiKey,basepath",
    "chatAlibabaTongyi,alibabaApiKey,basepath",
  })
  void openAiCompatibleOnesGetMaxTokens(String node, String keyField, String baseKey)
      throws Exception {
    server.json(OPENAI);

    var heard =
        call(
            node,
            "{'modelName':'m','maxTokens':'9','" + baseKey + "':'" + server.url("/x/v1") + "'}",
            "{'" + keyField + "':'k-1'}",
            false,
            null);

    assertThat(heard.answer().text()).isEqualTo("hello");
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath()).isEqualTo("/x/v1/chat/completions");
    assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer k-1");
    assertThat(body(request).path("max_tokens").asInt()).isEqualTo(9);
  }

  @Test
  void openAiDetailsAreTold() throws Exception {
    server.json(OPENAI);

    var answer =
        call("chatOpenAI", "{'basepath':'" + server.url("/v1") + "'}", "{}", false, null).answer();

    assertThat(answer.usage())
        .isEqualTo(
            ModelCalls.object(
                "{'input_tokens':3,'output_tokens':2,'total_tokens':5,"
                    + "'input_token_details':{'cache_read':1},'output_token_details':{'reasoning':1}}"));
    assertThat(answer.response().path("system_fingerprint").asString()).isEqualTo("fp");
    assertThat(server.takeRequest().getHeaders().get("Authorization")).isNull();
  }

  @Test
  void azureIsOpenAiAtADeployment() throws Exception {
    server.json(OPENAI);

    var heard =
        call(
            "azureChatOpenAI",
            "{'modelName':'gpt-4o','basepath':'" + server.url("/openai/deployments") + "'}",
            "{'azureOpenAIApiKey':'az','azureOpenAIApiInstanceName':'i',"
                + "'azureOpenAIApiDeploymentName':'dep','azureOpenAIApiVersion':'2024-06-01'}",
            false,
            null);

    assertThat(heard.answer().response().path("model_provider").asString())
        .isEqualTo("azure_openai");
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath())
        .isEqualTo("/openai/deployments/dep/chat/completions");
    assertThat(request.getUrl().queryParameter("api-version")).isEqualTo("2024-06-01");
    assertThat(request.getHeaders().get("api-key")).isEqualTo("az");
    assertThat(request.getHeaders().get("Authorization")).isNull();
  }

  @Test
  void anthropicWhole() throws Exception {
    server.json(
        "{'id':'1','type':'message','role':'assistant','model':'claude-x','content':[{'type':'thinking',"
            + "'thinking':'hm','signature':'s'},{'type':'text','text':'hello'}],'stop_reason':'end_turn',"
            + "'usage':{'input_tokens':3,'output_tokens':2,'cache_read_input_tokens':1,"
            + "'cache_creation_input_tokens':0}}");

    var answer =
        call(
                "chatAnthropic",
                "{'modelName':'claude-x','temperature':'0.5','extendedThinking':true,'budgetTokens':'2000',"
                    + "'basepath':'"
                    + server.url("/v1")
                    + "'}",
                "{'anthropicApiKey':'ant'}",
                false,
                null)
            .answer();

    assertThat(answer.text()).isEqualTo("hello");
    assertThat(answer.thinking()).isEqualTo("hm");
    assertThat(answer.usage().path("input_token_details").path("cache_read").asInt()).isEqualTo(1);
    assertThat(answer.response().path("finish_reason").asString()).isEqualTo("stop");
    assertThat(answer.response().path("model_name").asString()).isEqualTo("claude-x");
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath()).isEqualTo("/v1/messages");
    assertThat(request.getHeaders().get("x-api-key")).isEqualTo("ant");
    var body = body(request);
    assertThat(body.has("temperature")).isFalse();
    assertThat(body.path("thinking"))
        .isEqualTo(ModelCalls.object("{'type':'enabled','budget_tokens':2000}"));
    assertThat(body.path("system").toString()).contains("be brief");
  }

  @Test
  void anthropicStreamed() throws Exception {
    server.sse(
        """
        event: message_start
        data: {"type":"message_start","message":{"id":"1","model":"claude-x","usage":{"input_tokens":3,"output_tokens":0}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hel"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}

        event: message_stop
        data: {"type":"message_stop"}

        """);

    var heard =
        call(
            "chatAnthropic",
            "{'basepath':'" + server.url("/v1") + "'}",
            "{'anthropicApiKey':'ant'}",
            true,
            null);

    assertThat(heard.tokens()).containsExactly("hel", "lo");
    assertThat(heard.answer().usage().path("total_tokens").asInt()).isEqualTo(5);
    assertThat(body(server.takeRequest()).path("max_tokens").asInt()).isEqualTo(4096);
  }

  @Test
  void anthropicForced() throws Exception {
    server.json(
        "{'id':'1','type':'message','role':'assistant','model':'c','content':[{'type':'tool_use',"
            + "'id':'t','name':'extract','input':{'lang':'FR'}}],'stop_reason':'tool_use',"
            + "'usage':{'input_tokens':3,'output_tokens':2}}");

    var answer =
        call(
                "chatAnthropic",
                "{'basepath':'" + server.url("/v1") + "'}",
                "{'anthropicApiKey':'ant'}",
                false,
                SCHEMA)
            .answer();

    assertThat(answer.structured()).isEqualTo(ModelCalls.object("{'lang':'FR'}"));
    var choice = body(server.takeRequest()).path("tool_choice");
    assertThat(choice.path("type").asString()).isEqualTo("tool");
    assertThat(choice.path("name").asString()).isEqualTo("extract");
  }

  @Test
  void anthropicErrorsInAStreamAreErrors() {
    server.sse(
        """
        event: error
        data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}

        """);

    assertThatThrownBy(() ->
            call(
                "chatAnthropic",
                "{'basepath':'" + server.url("/v1") + "'}",
                "{'anthropicApiKey':'ant'}",
                true,
                null))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("Overloaded");
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void gemini(boolean stream) throws Exception {
    var answer =
        "{'candidates':[{'content':{'role':'model','parts':[{'text':'hello'}]},'finishReason':'STOP'}],"
            + "'usageMetadata':{'promptTokenCount':3,'candidatesTokenCount':2,'totalTokenCount':5},"
            + "'modelVersion':'gemini-x'}";
    if (stream) {
      server.sse("data: " + answer.replace('\'', '"') + "\n\n");
    } else {
      server.json(answer);
    }

    var heard =
        call(
            "chatGoogleGenerativeAI",
            "{'modelName':'gemini-x','temperature':0.9,'maxOutputTokens':'50','topK':'4',"
                + "'safetySettings':[{'harmCategory':'HARM_CATEGORY_HARASSMENT','harmBlockThreshold':'BLOCK_NONE'}],"
                + "'thinkingBudget':'100','baseUrl':'"
                + server.url("")
                + "'}",
            "{'googleGenerativeAPIKey':'goo'}",
            stream,
            null);

    assertThat(heard.answer().text()).isEqualTo("hello");
    assertThat(heard.answer().usage().path("total_tokens").asInt()).isEqualTo(5);
    assertThat(heard.answer().response().path("finish_reason").asString()).isEqualTo("stop");
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath())
        .isEqualTo(
            "/v1beta/models/gemini-x:" + (stream ? "streamGenerateContent" : "generateContent"));
    assertThat(request.getHeaders().get("x-goog-api-key")).isEqualTo("goo");
    var config = body(request).path("generationConfig");
    assertThat(config.path("maxOutputTokens").asInt()).isEqualTo(50);
    assertThat(config.path("topK").asInt()).isEqualTo(4);
    assertThat(config.path("thinkingConfig").path("thinkingBudget").asInt()).isEqualTo(100);
    assertThat(body(request).path("safetySettings").path(0).path("threshold").asString())
        .isEqualTo("BLOCK_NONE");
  }

  @Test
  void geminiErrorsAreReadFromTheirArray() {
    server.enqueue(
        new MockResponse.Builder()
            .code(400)
            .body("[{\"error\":{\"code\":400,\"message\":\"API key not valid\"}}]")
            .build());

    assertThatThrownBy(() ->
            call(
                "chatGoogleGenerativeAI",
                "{'baseUrl':'" + server.url("") + "'}",
                "{'googleGenerativeAPIKey':'goo'}",
                true,
                null))
        .hasMessage("400 API key not valid");
  }

  @Test
  void ollamaStreamedAndForced() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/x-ndjson")
            .body(
                """
                {"model":"llama","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"hel"},"done":false}
                {"model":"llama","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"lo"},"done":false}
                {"model":"llama","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}
                """)
            .build());
    server.json(
        "{'model':'llama','created_at':'2026-01-01T00:00:00Z','message':{'role':'assistant',"
            + "'content':'{\\'lang\\':\\'FR\\'}'},'done':true,'done_reason':'stop'}"
                .replace("\\'", "\\\""));
    var config =
        "{'modelName':'llama','numCtx':'2048','keepAlive':'5m','topK':'3','baseUrl':'"
            + server.url("")
            + "'}";

    var heard = call("chatOllama", config, "{}", true, null);
    var forced = call("chatOllama", config, "{}", false, SCHEMA);

    assertThat(heard.tokens()).containsExactly("hel", "lo");
    assertThat(heard.answer().usage().path("total_tokens").asInt()).isEqualTo(5);
    assertThat(forced.answer().structured()).isEqualTo(ModelCalls.object("{'lang':'FR'}"));
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath()).isEqualTo("/api/chat");
    var body = body(request);
    assertThat(body.path("options").path("num_ctx").asInt()).isEqualTo(2048);
    assertThat(body.path("keep_alive").asInt()).isEqualTo(300);
    assertThat(body(server.takeRequest()).path("format").path("type").asString())
        .isEqualTo("object");
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void mistral(boolean stream) throws Exception {
    if (stream) {
      server.sse(
          """
          data: {"id":"1","model":"mistral-x","choices":[{"index":0,"delta":{"role":"assistant","content":"hel"},"finish_reason":null}]}

          data: {"id":"1","model":"mistral-x","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}

          data: [DONE]

          """);
    } else {
      server.json(OPENAI);
    }

    var heard =
        call(
            "chatMistralAI",
            "{'modelName':'mistral-x','maxOutputTokens':'5','safeMode':true,'randomSeed':'7',"
                + "'overrideEndpoint':'"
                + server.url("")
                + "'}",
            "{'mistralAIAPIKey':'mis'}",
            stream,
            null);

    assertThat(heard.answer().text()).isEqualTo("hello");
    assertThat(heard.answer().usage().path("total_tokens").asInt()).isEqualTo(5);
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath()).isEqualTo("/v1/chat/completions");
    assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer mis");
    assertThat(body(request).path("random_seed").asInt()).isEqualTo(7);
    assertThat(body(request).path("safe_prompt").asBoolean()).isTrue();
    assertThat(body(request).path("max_tokens").asInt()).isEqualTo(5);
  }

  private static final String OPENAI =
      "{'id':'1','object':'chat.completion','created':1,'model':'m-1','system_fingerprint':'fp',"
          + "'choices':[{'index':0,'message':{'role':'assistant','content':'hello'},'finish_reason':'stop'}],"
          + "'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5,"
          + "'prompt_tokens_details':{'cached_tokens':1},'completion_tokens_details':{'reasoning_tokens':1}}}";

  private ModelCalls.Heard call(
      String node, String config, String credential, boolean stream, @Nullable String schema) {
    return calls.call(
        node,
        config,
        credential,
        stream,
        schema,
        Cancellation.none(),
        new ChatTurn("system", "be brief"),
        new ChatTurn("user", "hi"));
  }
}
