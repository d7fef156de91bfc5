package dev.millrace.flows.nodes;

import static dev.millrace.flows.fakes.TestRun.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.EngineSettings;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.Secrets;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.fakes.FakeJournal;
import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class LlmNodeTest {
  private static final FakeStore PAST =
      new FakeStore(
          List.of(new ChatTurn("user", "one"), new ChatTurn("assistant", "two")), Map.of(), null);

  private static final String PICTURE =
      "{\"question\":\"what is it?\",\"uploads\":[{\"type\":\"file\",\"name\":\"a.png\","
          + "\"mime\":\"image/png\",\"data\":\"data:image/png;base64,AAAA\"}]}";

  private final FakeModels models =
      new FakeModels(call -> call.messages().getFirst().content().contains("Below") ? "sum" : "a");

  @Test
  void remembersEverything() {
    llm("\"llmEnableMemory\":true,\"llmMemoryType\":\"allMessages\"").ask("three");
    assertThat(sent(0)).containsExactly("user: one", "assistant: two", "user: three");
  }

  @Test
  void remembersAWindow() {
    llm("\"llmEnableMemory\":true,\"llmMemoryType\":\"windowSize\",\"llmMemoryWindowSize\":\"1\"")
        .ask("three");
    assertThat(sent(0)).containsExactly("assistant: two", "user: three");
  }

  @Test
  void aWindowWithoutSizeRemembersEverything() {
    llm("\"llmEnableMemory\":true,\"llmMemoryType\":\"windowSize\"").ask("three");
    assertThat(sent(0)).hasSize(3);
  }

  @Test
  void remembersASummary() {
    RunResult result =
        llm("\"llmEnableMemory\":true,\"llmMemoryType\":\"conversationSummary\"").ask("three");
    assertThat(sent(0)).singleElement().asString().contains("user: one\nassistant: two");
    assertThat(sent(1)).containsExactly("assistant: sum", "user: three");
    assertThat(data(result, "llmAgentflow_0").at("/output/usageMetadata/input_tokens").asInt())
        .as("both calls are counted")
        .isEqualTo(20);
  }

  @Test
  void remembersASummaryOfWhatDoesNotFit() {
    String memory =
        "\"llmEnableMemory\":true,\"llmMemoryType\":\"conversationSummaryBuffer\","
            + "\"llmMemoryMaxTokenLimit\":\"%s\"";
    llm(memory.formatted("3")).ask("three");
    assertThat(sent(1))
        .containsExactly("system: Previous conversation summary: sum", "user: three");
    llm(memory.formatted("2000")).ask("three");
    assertThat(sent(2)).containsExactly("user: one", "assistant: two", "user: three");
  }

  @Test
  void putsTheInputMessageLast() {
    llm("\"llmEnableMemory\":\"true\",\"llmUserMessage\":\"<p>Go: {{ question }}</p>\"").ask("x");
    assertThat(sent(0)).last().isEqualTo("user: Go: x");
  }

  @Test
  void withoutMemoryAsksTheQuestionUnlessAMessageSpeaksForTheUser() {
    llm("\"llmMessages\":[{\"role\":\"system\",\"content\":\"be\"}]").ask("q");
    assertThat(sent(0)).containsExactly("system: be", "user: q");
    llm("\"llmMessages\":[{\"role\":\"user\",\"content\":\"own\"},{\"role\":\"\",\"content\":\"x\"}]")
        .ask("q");
    assertThat(sent(1)).containsExactly("user: own");
  }

  @Test
  void systemMessagesGoToTheFrontReversedOnlyIfThatHabitIsKept() {
    String messages =
        "\"llmMessages\":[{\"role\":\"user\",\"content\":\"u\"},"
            + "{\"role\":\"system\",\"content\":\"s1\"},{\"role\":\"system\",\"content\":\"s2\"}]";
    llm(messages).ask("q");
    llm(messages).with(EngineSettings.DEFAULT.with(Compat.SYSTEM_MESSAGES_REVERSED, true)).ask("q");
    assertThat(sent(0)).containsExactly("system: s1", "system: s2", "user: u");
    assertThat(sent(1)).containsExactly("system: s2", "system: s1", "user: u");
  }

  @Test
  void takesTheConversationOfTheRequest() {
    llm("\"llmEnableMemory\":false")
        .sendJson(
            "{\"question\":\"q\",\"history\":[{\"role\":\"userMessage\",\"content\":\"a\"},"
                + "{\"role\":\"apiMessage\",\"content\":\"b\"}]}");
    assertThat(sent(0)).containsExactly("user: a", "assistant: b", "user: q");
  }

  @Test
  void ephemeralMemoryForgetsThePast() {
    FlowDraft.start("{\"startEphemeralMemory\":true}")
        .then("llmAgentflow_0", "L", inputs("\"llmEnableMemory\":true"))
        .run()
        .with(models)
        .with(PAST)
        .ask("q");
    assertThat(sent(0)).containsExactly("user: q");
  }

  @Test
  void laterNodesSeeEarlierAnswersAsTheUserAndDoNotStreamThem() {
    var run =
        FlowDraft.start()
            .then("llmAgentflow_0", "First One", inputs("\"llmEnableMemory\":true"))
            .then(
                "llmAgentflow_1",
                "Second",
                inputs("\"llmEnableMemory\":true,\"llmReturnResponseAs\":\"assistantMessage\""))
            .run()
            .with(models);
    RunResult result = run.ask("q");
    assertThat(sent(1)).containsExactly("user: q", "user: a");
    assertThat(models.calls()).extracting(ChatModels.Call::stream).containsExactly(true, true);
    assertThat(run.tokens()).isEqualTo("a");
    assertThat(data(result, "llmAgentflow_1").path("chatHistory"))
        .hasToString("[{\"role\":\"assistant\",\"content\":\"a\",\"name\":\"second\"}]");
    assertThat(data(result, "llmAgentflow_0").at("/chatHistory/1/name").asString())
        .isEqualTo("first_one");
  }

  @Test
  void showsPicturesToAModelThatMaySeeThem() {
    String body =
        "{\"question\":\"what is it?\",\"uploads\":[{\"type\":\"file\",\"name\":\"a.png\","
            + "\"mime\":\"image/png\",\"data\":\"data:image/png;base64,AAAA\"},{\"name\":\"b.txt\","
            + "\"mime\":\"text/plain\",\"data\":\"data:text/plain;base64,AAAA\"}]}";
    RunResult result = llm("\"llmEnableMemory\":true", "\"allowImageUploads\":true").sendJson(body);
    assertThat(models.calls().getFirst().messages().get(2).images())
        .extracting(ChatTurn.Image::url)
        .containsExactly("data:image/png;base64,AAAA");
    assertThat(data(result, "llmAgentflow_0").at("/input/messages/2/content").toString())
        .as("the record names the file and does not hold it")
        .isEqualTo("[{\"type\":\"stored-file\",\"name\":\"a.png\",\"mime\":\"image/png\"}]");

    llm("\"llmEnableMemory\":true").sendJson(body);
    assertThat(sent(1)).containsExactly("user: one", "assistant: two", "user: what is it?");
  }

  @Test
  void showsThePicturesThatAFlowiseServerStored() {
    String stored =
        "{\"question\":\"q\",\"uploads\":[{\"type\":\"stored-file\",\"name\":\"a.png\",\"mime\":"
            + "\"image/png\"},{\"type\":\"stored-file\",\"name\":\"gone.png\",\"mime\":\"image/png\"},"
            + "{\"type\":\"stored-file\",\"name\":\"b.txt\",\"mime\":\"text/plain\"}]}";
    StoredFiles files =
        (folder, name) ->
            folder.path().equals(List.of("flow-1", "chat-1")) && name.equals("a.png")
                ? Optional.of(new byte[] {0, 0, 0})
                : Optional.empty();
    var past =
        new FakeStore(
            List.of(
                new ChatTurn(
                    "user",
                    "see",
                    null,
                    (ObjectNode) Json.read(stored.replace("uploads", "fileUploads")))),
            Map.of(),
            null);
    for (String permitted : List.of("true", "false")) {
      RunResult result =
          llm("\"llmEnableMemory\":true", "\"allowImageUploads\":" + permitted)
              .with(past)
              .storing(files)
              .sendJson(stored);
      assertThat(models.calls().getLast().messages())
          .flatExtracting(ChatTurn::images)
          .extracting(ChatTurn.Image::url)
          .as("the earlier one, and that of the question; what is not there is left out")
          .containsExactlyElementsOf(
              permitted.equals("true")
                  ? List.of("data:image/png;base64,AAAA", "data:image/png;base64,AAAA")
                  : List.of());
      assertThat(data(result, "llmAgentflow_0").toString()).doesNotContain("AAAA");
    }
    llm("\"llmEnableMemory\":true", "\"allowImageUploads\":true").sendJson(stored);
    assertThat(models.calls().getLast().messages()).flatExtracting(ChatTurn::images).isEmpty();
  }

  @Test
  void storedPicturesHaveABound() {
    var uploads = Json.array();
    for (int i = 0; i < 4; i++) {
      uploads.add(
          Json.object()
              .put("type", "stored-file")
              .put("name", i + ".png")
              .put("mime", "image/png"));
    }
    var reads = new AtomicInteger();
    llm("\"llmEnableMemory\":true", "\"allowImageUploads\":true")
        .storing((folder, name) -> {
          reads.incrementAndGet();
          return Optional.of(new byte[StoredFiles.LARGEST]);
        })
        .send(Json.object().put("question", "q").set("uploads", uploads));
    assertThat(models.calls().getFirst().messages()).flatExtracting(ChatTurn::images).hasSize(1);
    assertThat(reads).as("for the question, and for what is remembered of it").hasValue(4);
  }

  @Test
  void laterModelsThatMaySeeThemAreShownThePicturesToo() {
    for (boolean recovered : new boolean[] {false, true}) {
      var journal = new FakeJournal();
      var flow =
          FlowDraft.start()
              .then(
                  "llmAgentflow_0",
                  "First",
                  inputs("\"llmEnableMemory\":true", "\"allowImageUploads\":true"))
              .then(
                  "llmAgentflow_1",
                  "Second",
                  inputs("\"llmEnableMemory\":true", "\"allowImageUploads\":true"))
              .then("llmAgentflow_2", "Blind", inputs("\"llmEnableMemory\":true"))
              .flow();
      var asked = new FakeModels(call -> "a");
      TestRun.of(flow).with(asked).with(journal).sendJson(PICTURE);
      if (recovered) {
        asked = new FakeModels(call -> "a");
        TestRun.of(flow)
            .with(asked)
            .with(journal)
            .resume((ObjectNode) Json.read(PICTURE), journal.crashedAfter(new UUID(0, 1), 2));
      }
      assertThat(asked.calls().get(recovered ? 0 : 1).messages())
          .as("the second model, recovered: %s", recovered)
          .flatExtracting(ChatTurn::images)
          .extracting(ChatTurn.Image::url)
          .containsExactly("data:image/png;base64,AAAA");
      assertThat(asked.calls().getLast().messages()).noneMatch(turn -> !turn.images().isEmpty());
    }
  }

  @Test
  void thePicturesOfEarlierQuestionsAreShownAgain() {
    var extra = (ObjectNode) Json.read(PICTURE.replace("uploads", "fileUploads"));
    var made = "{\"artifacts\":[{\"type\":\"png\",\"data\":\"data:image/png;base64,BBBB\"}]}";
    var past =
        new FakeStore(
            List.of(
                new ChatTurn("user", "see", null, extra),
                new ChatTurn("assistant", "drawn", null, (ObjectNode) Json.read(made))),
            Map.of(),
            null);
    RunResult result =
        llm("\"llmEnableMemory\":true", "\"allowImageUploads\":true").with(past).ask("and now?");
    assertThat(models.calls().getFirst().messages())
        .extracting(turn -> turn.content() + turn.images().size())
        .containsExactly("1", "see0", "drawn0", "1", "and now?0");
    var messages = data(result, "llmAgentflow_0").at("/input/messages");
    assertThat(messages.toString()).contains("stored-file", "a.png").doesNotContain("base64");
    assertThat(messages).as("what the model made is shown to it for this call only").hasSize(4);

    llm("\"llmEnableMemory\":true").with(past).ask("and now?");
    assertThat(models.calls().getLast().messages())
        .extracting(turn -> turn.content() + turn.images().size())
        .containsExactly("see0", "drawn0", "1", "and now?0");
  }

  @Test
  void withoutMemoryPicturesComeWithAConfiguredQuestionToo() {
    RunResult result =
        llm(
                "\"llmMessages\":[{\"role\":\"user\",\"content\":\"describe\"}]",
                "\"allowImageUploads\":\"true\"")
            .sendJson(PICTURE);
    assertThat(models.calls().getFirst().messages())
        .extracting(turn -> turn.content() + turn.images().size())
        .containsExactly("describe0", "1");
    assertThat(data(result, "llmAgentflow_0").path("chatHistory").toString())
        .contains("stored-file")
        .doesNotContain("AAAA");
  }

  @Test
  void streamingCanBeTurnedOff() {
    var run = llm("\"llmEnableMemory\":true", "\"streaming\":false");
    run.ask("q");
    assertThat(models.calls().getFirst().stream()).isFalse();
    assertThat(run.events().stream().filter(event -> event.contains("token")))
        .contains("{\"event\":\"token\",\"data\":\"a\"}");
  }

  @Test
  void usesTheCredentialAndShowsItsIdOnlyInTheStream() {
    var run = llm("\"llmEnableMemory\":true", "\"FLOWISE_CREDENTIAL_ID\":\"c1\"");
    RunResult result = run.ask("q");
    assertThat(models.calls().getFirst().credential())
        .hasToString("{\"openAIApiKey\":\"key of c1\"}");
    assertThat(run.events().toString()).contains("FLOWISE_CREDENTIAL_ID");
    assertThat(result.publicRecords().toString()).doesNotContain("FLOWISE_CREDENTIAL_ID");
    assertThat(result.publicRecords().toString()).doesNotContain("key of c1");
  }

  @Test
  void whatNamesNoCredentialGetsWhatStandsInForOne() {
    var environment =
        new Secrets() {
          @Override
          public ObjectNode credential(String id) {
            throw new AssertionError(id + " was not named");
          }

          @Override
          public ObjectNode unnamed() {
            return Json.object().put("openAIApiKey", "of the environment");
          }
        };
    llm("\"llmEnableMemory\":true").with(environment).ask("q");
    assertThat(models.calls().getFirst().credential())
        .hasToString("{\"openAIApiKey\":\"of the environment\"}");
  }

  @Test
  void aMissingCredentialFailsClearly() {
    RunResult result =
        llm("\"llmEnableMemory\":true", "\"FLOWISE_CREDENTIAL_ID\":\"gone\"")
            .with(id -> {
              throw new FlowException("There is no credential " + id + ": add it again.");
            })
            .ask("q");
    assertThat(result.error())
        .isEqualTo("Error in LLM node: There is no credential gone: add it again.");
  }

  @Test
  void anUnknownModelFailsClearly() {
    RunResult result =
        FlowDraft.start()
            .then("llmAgentflow_0", "L", "{\"llmModel\":\"chatCrystalBall\"}")
            .run()
            .ask("q");
    assertThat(result.error())
        .startsWith("Error in LLM node: ")
        .contains("chatCrystalBall", "Supported: chatOpenAI");
  }

  @Test
  void structuredOutputBecomesMembersStateAndText() {
    var json = new FakeModels(call -> "{\"a\":[1],\"b\":\"x\"}");
    var run =
        llm(
            "\"llmStructuredOutput\":[{\"key\":\"a\",\"type\":\"jsonArray\",\"jsonSchema\":"
                + "\"{'n':{'type':'number'}}\",\"description\":\"\"}],"
                + "\"llmUpdateState\":[{\"key\":\"s\",\"value\":\"{{ output.a }}\"}]");
    RunResult result = run.with(json).ask("q");
    ObjectNode schema = json.calls().getFirst().schema();
    assertThat(schema).isNotNull();
    assertThat(String.valueOf(schema))
        .contains(
            "\"a\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"n\":"
                + "{\"type\":\"number\"}},\"required\":[\"n\"],\"additionalProperties\":false}}");
    var data = data(result, "llmAgentflow_0");
    assertThat(data.path("state")).hasToString("{\"s\":[1]}");
    assertThat(result.text()).isEqualTo("{\n  \"a\": [\n    1\n  ],\n  \"b\": \"x\"\n}");
    assertThat(run.tokens()).isEqualTo(result.text());
    assertThat(data.at("/output/usageMetadata/total_cost").doubleValue()).isPositive();
  }

  @Test
  void anUnreadableSettingNamesNodeAndParameter() {
    try (var http = new GuardedHttp(AddressPolicy.strict(), FetchLimits.DEFAULT)) {
      RunResult result =
          llm("\"llmEnableMemory\":true", "\"openAIApiKey\":\"k\",\"temperature\":\"warm\"")
              .with(new LangChainChatModels(http, ModelLimits.DEFAULT))
              .ask("q");
      assertThat(result.error())
          .isEqualTo(
              "Error in LLM node: node \"L\" (llmAgentflow_0), llmModelConfig: chatOpenAI:"
                  + " temperature is 'warm', which is not a number");
    }
  }

  @Test
  void anAnswerInNoFormNamesNodeAndParameter() {
    RunResult result =
        llm("\"llmStructuredOutput\":[{\"key\":\"a\",\"type\":\"string\"}]")
            .with(new FakeModels(call -> "just words"))
            .ask("q");
    assertThat(result.error())
        .startsWith("Error in LLM node: ")
        .contains("\"L\" (llmAgentflow_0)", "llmStructuredOutput");
  }

  @Test
  void anUnreadableSchemaOfAnArrayStandsForAnyObjects() {
    var json = new FakeModels(call -> "{\"a\":[]}");
    llm("\"llmStructuredOutput\":[{\"key\":\"a\",\"type\":\"jsonArray\",\"jsonSchema\":"
            + "\"{ this is none\"}]")
        .with(json)
        .ask("q");
    assertThat(String.valueOf(json.calls().getFirst().schema()))
        .contains("\"a\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}}");
  }

  @Test
  void anUnreadableUpdateOfTheStateNamesNodeAndParameter() {
    RunResult result = llm("\"llmUpdateState\":\"[{key: \"").ask("q");
    assertThat(result.error())
        .startsWith(
            "Error in LLM node: node \"L\" (llmAgentflow_0): llmUpdateState is not a list of");
  }

  private TestRun llm(String inputs) {
    return llm(inputs, "\"streaming\":true");
  }

  private TestRun llm(String inputs, String config) {
    return FlowDraft.start()
        .then("llmAgentflow_0", "L", inputs(inputs, config))
        .run()
        .with(models)
        .with(PAST);
  }

  private static String inputs(String more) {
    return inputs(more, "\"streaming\":true");
  }

  private static String inputs(String more, String config) {
    return "{\"llmModel\":\"chatOpenAI\",\"llmModelConfig\":{\"modelName\":\"gpt-4o-mini\","
        + config
        + "},"
        + more
        + "}";
  }

  private List<String> sent(int call) {
    assertThat(models.calls()).hasSizeGreaterThan(call);
    return FakeModels.messages(models.calls().get(call));
  }
}
