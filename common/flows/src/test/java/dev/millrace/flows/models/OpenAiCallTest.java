package dev.millrace.flows.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls of chatOpenAI against a server that speaks its protocol. */
final class OpenAiCallTest {
  private static final String SCHEMA =
      "{'type':'object','properties':{'lang':{'type':'string','enum':['FR','DE']},"
          + "'items':{'type':'array','items':{'type':'object','properties':{'n':{'type':'number'}}}}},"
          + "'required':['lang'],'additionalProperties':false}";

  private final FakeModelServer server = FakeModelServer.start();
  private final ModelCalls calls = new ModelCalls();

  @AfterEach
  void stop() {
    calls.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void answersWithUsageAndMetadataAsCaptured(boolean stream) {
    var heard = ask("tokens=5 delay=1", stream, null, Cancellation.none());

    assertThat(heard.answer().text()).isEqualTo("t0 t1 t2 t3 t4 ");
    assertThat(heard.tokens())
        .isEqualTo(stream ? List.of("t0 ", "t1 ", "t2 ", "t3 ", "t4 ") : List.of());
    assertThat(heard.answer().usage().toString())
        .isEqualTo(
            "{\"input_tokens\":10,\"output_tokens\":5,\"total_tokens\":15,"
                + "\"input_token_details\":{},\"output_token_details\":{}}");
    assertThat(heard.answer().response().toString())
        .isEqualTo(
            "{\"prompt\":0,\"completion\":0,\"model_provider\":\"openai\","
                + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15},"
                + "\"finish_reason\":\"stop\",\"model_name\":\"gpt-4o-mini\"}");
  }

  @Test
  void sendsParametersHeadersAndNames() {
    calls.call(
        "chatOpenAI",
        "{'modelName':'gpt-4o','temperature':'0.5','maxTokens':'7','topP':'','frequencyPenalty':0.1,"
            + "'stopSequence':'END, STOP','basepath':'"
            + server.baseUrl()
            + "/','baseOptions':'{\\'X-Team\\': \\'a\\'}'}".replace("\\'", "\\\""),
        "{'openAIApiKey':'sk-test'}",
        false,
        null,
        Cancellation.none(),
        new ChatTurn("system", "be brief"),
        new ChatTurn("user", "hi", "llm_0 (x)", null),
        new ChatTurn("assistant", "hello"),
        new ChatTurn("user", "bye"));

    var request = server.requests().getFirst();
    assertThat(request.path()).isEqualTo("/v1/chat/completions");
    assertThat(request.headers())
        .containsEntry("authorization", "Bearer sk-test")
        .containsEntry("x-team", "a");
    var body = request.body();
    assertThat(body.path("temperature").asDouble()).isEqualTo(0.5);
    assertThat(body.path("max_completion_tokens").asInt()).isEqualTo(7);
    assertThat(body.has("max_tokens")).isFalse();
    assertThat(body.has("top_p")).isFalse();
    assertThat(body.path("stop").toString()).isEqualTo("[\"END\",\"STOP\"]");
    assertThat(body.path("messages").toString())
        .isEqualTo(
            "[{\"role\":\"system\",\"content\":\"be brief\"},"
                + "{\"role\":\"user\",\"content\":\"hi\",\"name\":\"llm_0__x_\"},"
                + "{\"role\":\"assistant\",\"content\":\"hello\"},"
                + "{\"role\":\"user\",\"content\":\"bye\"}]");
  }

  @ParameterizedTest
  @CsvSource({
    "o3-mini,true",
    "gpt-5-mini,true",
    "codex-mini-latest,true",
    "gpt-5-chat-latest,false",
    "gpt-4o,false"
  })
  void reasoningModelsGetOtherParameters(String model, boolean reasoning) {
    calls.call(
        "chatOpenAI",
        "{'modelName':'%s','temperature':0.9,'stopSequence':'X','reasoningEffort':'low','basepath':'%s'}"
            .formatted(model, server.baseUrl()),
        "{'openAIApiKey':'k'}",
        false,
        null,
        Cancellation.none(),
        new ChatTurn("user", "hi"));

    var body = server.requests().getFirst().body();
    assertThat(body.has("temperature")).isEqualTo(!reasoning);
    assertThat(body.has("stop")).isEqualTo(!reasoning);
    assertThat(body.has("reasoning_effort")).isEqualTo(reasoning);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSchemaForcesAFunctionCall(boolean stream) {
    server.reply(ModelReply.json(ModelCalls.object("{'lang':'FR','items':[{'n':1}]}")));

    var heard = ask("which", stream, SCHEMA, Cancellation.none());

    assertThat(heard.answer().structured())
        .isEqualTo(ModelCalls.object("{'lang':'FR','items':[{'n':1}]}"));
    assertThat(heard.tokens()).isEmpty();
    assertThat(heard.answer().usage().path("total_tokens").asInt()).isEqualTo(15);
    var body = server.requests().getFirst().body();
    assertThat(body.path("tool_choice"))
        .isEqualTo(ModelCalls.object("{'type':'function','function':{'name':'extract'}}"));
    var parameters = body.path("tools").path(0).path("function").path("parameters");
    assertThat(parameters.path("properties").path("lang").path("enum").toString())
        .isEqualTo("[\"FR\",\"DE\"]");
    assertThat(parameters.at("/properties/items/items/properties/n/type").asString())
        .isEqualTo("number");
    assertThat(parameters.path("required").toString()).isEqualTo("[\"lang\"]");
  }

  @Test
  void anAnswerInWordsWhereAFunctionWasForcedIsAnError() {
    server.reply(ModelReply.text("no idea"));

    assertThatThrownBy(() -> ask("which", false, SCHEMA, Cancellation.none()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no structured answer");
  }

  @ParameterizedTest
  @CsvSource({
    "401,false,1",
    "401,true,1",
    "400,false,1",
    "429,true,2",
    "500,false,2",
    "500,true,2"
  })
  void refusalsCarryStatusAndWordsAndAreTriedAtMostTwice(int status, boolean stream, int tries) {
    var begin = System.nanoTime();

    assertThatThrownBy(() -> ask("fail=" + status, stream, null, Cancellation.none()))
        .isInstanceOfSatisfying(ModelException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessage(status + " fake failure");

    assertThat(server.requests()).hasSize(tries);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void aSecondTryThatSucceedsIsAnAnswer() {
    server.reply(ModelReply.failure(503), ModelReply.text("fine"));

    assertThat(ask("hi", true, null, Cancellation.none()).answer().text()).isEqualTo("fine");
  }

  @Test
  void theKeyIsBlottedOut() {
    server.reply(new ModelReply.Failure(401, "{\"error\":\"bad key sk-secret given\"}"));

    assertThatThrownBy(() -> ask("hi", false, null, Cancellation.none()))
        .hasMessage("401 bad key *** given");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aModelThatHangsIsAnError(boolean stream) {
    server.reply(new ModelReply.Hang());

    assertThatThrownBy(() -> ask("hi", stream, null, Cancellation.none()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("did not answer in time")
        .hasMessageContaining(server.baseUrl());
  }

  @Test
  void theNodesTimeoutHolds() {
    server.reply(new ModelReply.Hang());
    try (var patient = new ModelCalls(ModelLimits.DEFAULT)) {
      assertThatThrownBy(() ->
              patient.call(
                  "chatOpenAI",
                  "{'modelName':'m','timeout':'300','basepath':'" + server.baseUrl() + "'}",
                  "{}",
                  false,
                  null,
                  Cancellation.none(),
                  new ChatTurn("user", "hi")))
          .hasMessageContaining("did not answer in time");
    }
  }

  @Test
  void aStreamThatFallsSilentIsAnError() {
    server.reply(new ModelReply.Stall(List.of("a ", "b "), Duration.ZERO));

    assertThatThrownBy(() -> ask("hi", true, null, Cancellation.none()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("did not answer in time");
  }

  @Test
  void aStreamThatBreaksIsAnError() {
    server.reply(new ModelReply.Disconnect(List.of("a ", "b ")));

    assertThatThrownBy(() -> ask("hi", true, null, Cancellation.none()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("broke");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          true  | text/event-stream | data: {"choices":[{"delta":{"content":"a"}}]}~~data: {{{~~
          true  | text/event-stream | data: <html>~~data: [DONE]~~
          true  | text/event-stream | ~~~~
          true  | text/html         | <html>busy</html>
          true  | text/event-stream | data: {"error":{"message":"overloaded"}}~~
          true  | text/event-stream | data: [1]~~data: {"choices":"x"}~~data: [DONE]~~
          false | text/html         | <html>busy</html>
          false | application/json  | {"choices":
          false | application/json  | {"choices":[]}
          false | application/json  | []
          """)
  void rubbishIsAnErrorAndNoHang(boolean stream, String type, String body) {
    server.reply(new ModelReply.Raw(type, body.replace("~", "\n")));

    assertThatThrownBy(() -> ask("hi", stream, null, Cancellation.none()))
        .isInstanceOf(ModelException.class);
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,false"})
  void cancellationEndsACallWithin100Ms(boolean stream, boolean begun) throws Exception {
    server.reply(
        begun ? new ModelReply.Stall(List.of("a "), Duration.ZERO) : new ModelReply.Hang());
    var cancellation = new Cancellation();
    var ended = new CompletableFuture<RuntimeException>();
    try (var patient = new ModelCalls(ModelLimits.DEFAULT)) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              call(patient, "hi", stream, null, cancellation);
            } catch (RuntimeException e) {
              ended.complete(e);
            }
          });
      Awaitility.await().until(() -> server.requests().size() == 1);

      var begin = System.nanoTime();
      cancellation.cancel("aborted by a test");

      assertThat(ended.get(5, TimeUnit.SECONDS))
          .isInstanceOf(FlowCancelledException.class)
          .hasMessage("aborted by a test");
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(100));
      Awaitility.await().until(() -> server.abandoned() == 1);
    }
  }

  @Test
  void aListenerThatFailsEndsTheStreamWithItsError() {
    var models = calls.models();

    assertThatThrownBy(() ->
            models.call(
                new ChatModels.Call(
                    "chatOpenAI",
                    ModelCalls.object("{'basepath':'" + server.baseUrl() + "'}"),
                    ModelCalls.object("{}"),
                    List.of(new ChatTurn("user", "tokens=50 delay=20")),
                    true,
                    null),
                piece -> {
                  throw new IllegalStateException("the sink is gone");
                },
                Cancellation.none()))
        .hasMessageContaining("the sink is gone");
  }

  @Test
  void mistakesOfTheNodeAreNamed() {
    assertThatThrownBy(() -> config("chatBedrock", "{}"))
        .hasMessageContaining("'chatBedrock' is not supported; supported are chatOpenAI, ");
    assertThatThrownBy(() -> config("chatOpenAI", "{}"))
        .hasMessage("chatOpenAI: no API key: choose a credential that has openAIApiKey");
    assertThatThrownBy(() -> config("chatOpenAI", "{'openAIApiKey':'k','temperature':'warm'}"))
        .hasMessage("chatOpenAI: temperature is 'warm', which is not a number");
    assertThatThrownBy(() -> config("chatOpenAI", "{'openAIApiKey':'k','baseOptions':'{'}"))
        .hasMessageContaining("baseOptions is not valid JSON");
    assertThatThrownBy(() -> config("chatLocalAI", "{'modelName':'m'}"))
        .hasMessage("chatLocalAI: no base path is set (basepath)");
    assertThatThrownBy(() -> config("groqChat", "{'groqApiKey':'k'}"))
        .hasMessage("groqChat: no model is chosen (modelName)");
    assertThatThrownBy(() -> config("chatOpenAI", "{'basepath':'http://10.1.1.1/v1'}"))
        .hasMessageContaining("10.1.1.1: private address");
  }

  private ModelCalls.Heard config(String node, String config) {
    return calls.call(
        node, config, "{}", false, null, Cancellation.none(), new ChatTurn("user", "hi"));
  }

  private ModelCalls.Heard ask(
      String question, boolean stream, @Nullable String schema, Cancellation cancellation) {
    return call(calls, question, stream, schema, cancellation);
  }

  private ModelCalls.Heard call(
      ModelCalls with,
      String question,
      boolean stream,
      @Nullable String schema,
      Cancellation cancellation) {
    return with.call(
        "chatOpenAI",
        "{'modelName':'gpt-4o-mini','temperature':0.9,'basepath':'" + server.baseUrl() + "'}",
        "{'openAIApiKey':'sk-secret'}",
        stream,
        schema,
        cancellation,
        new ChatTurn("user", question));
  }
}
