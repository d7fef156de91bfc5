package dev.millrace.flows.nodes;

import static dev.millrace.flows.fakes.TestRun.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.FlowStore.StoredTool;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.fakes.FakeJournal;
import dev.millrace.flows.fakes.FakeScripts;
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
import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import dev.millrace.testing.ModelRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Agents against a server that speaks a model's protocol. */
@Timeout(60)
class AgentNodeTest {
  private static final String CALCULATOR = "{\"agentSelectedTool\":\"calculator\"}";

  private static final String AGENT = "agentAgentflow_0";

  private final FakeJournal journal = new FakeJournal();
  private final FakeModelServer server = FakeModelServer.start().usage(10, 5);
  private final GuardedHttp http =
      new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT);

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  @Test
  void anAnswerThatIsNoJsonNamesNodeAndParameter() {
    ModelReply broken = ModelReply.calls("extract", "{\"a\": nothing");
    server.reply(broken, ModelReply.text("some words"), broken);
    for (String kind : List.of("llm", "agent")) {
      String id = kind + "Agentflow_0";
      String inputs =
          ("{'%1$sModel':'chatOpenAI','%1$sModelConfig':{'basepath':'%2$s'},"
                  + "'%1$sStructuredOutput':[{'key':'a','type':'string'}]}")
              .formatted(kind, server.baseUrl())
              .replace('\'', '"');
      RunResult result =
          FlowDraft.start()
              .then(id, "Writer", inputs)
              .run()
              .with(new LangChainChatModels(http, ModelLimits.DEFAULT))
              .ask("go");
      assertThat(result.status()).isEqualTo(RunStatus.ERROR);
      assertThat(result.error())
          .contains(
              "node \"Writer\" (" + id + "), " + kind + "StructuredOutput: ", "is not valid JSON");
    }
  }

  @Test
  void whatTheProvidersToolsMadeIsInTheAnswerAndCanBeFetched() {
    var made =
        new ChatModels.Made(
            List.of(Json.object().put("tool", "code_interpreter").put("toolOutput", "Success")),
            List.of(
                new ChatModels.MadeFile("p.png", "image/png", "AAAA"),
                new ChatModels.MadeFile("a b.csv", "text/csv", "YSxi")));
    var models =
        new ChatModels() {
          @Override
          public Set<String> supported() {
            return Set.of("chatOpenAI");
          }

          @Override
          public Answer call(Call call, ChatListener listener, Cancellation cancellation) {
            return new Answer(
                "[a](sandbox:/mnt/data/other.csv) [p](sandbox:/mnt/data/p.png) $1",
                null,
                null,
                Json.object(),
                Json.object(),
                List.of(),
                Json.object(),
                made);
          }
        };
    TestRun run =
        FlowDraft.start()
            .then(
                AGENT,
                "A",
                "{\"agentModel\":\"chatOpenAI\",\"agentModelConfig\":{},\"agentEnableMemory\":true}")
            .run()
            .with(models);
    RunResult result = run.ask("go");
    assertThat(result.text())
        .isEqualTo(
            "[a](sandbox:/mnt/data/other.csv) [p](/api/v1/get-upload-file?chatflowId=flow-1"
                + "&chatId=chat-1&fileName=p.png&download=true) $1");
    JsonNode output = data(result, AGENT).path("output");
    assertThat(output.path("artifacts").toString())
        .isEqualTo(
            "[{\"type\":\"png\",\"data\":\"data:image/png;base64,AAAA\",\"name\":\"p.png\"}]");
    assertThat(output.path("fileAnnotations").toString())
        .isEqualTo("[{\"filePath\":\"data:text/csv;base64,YSxi\",\"fileName\":\"a b.csv\"}]");
    assertThat(output.at("/usedTools/0/tool").asString()).isEqualTo("code_interpreter");
    assertThat(data(result, AGENT).path("chatHistory").toString())
        .contains("additional_kwargs", "p.png")
        .doesNotContain("base64");
    assertThat(run.data("artifacts")).hasSize(1);
    assertThat(run.data("fileAnnotations")).hasSize(1);
  }

  @Test
  void callsAToolAndAnswers() {
    server.reply(
        ModelReply.calls("calculator", "{\"input\":\"6*7\"}"), ModelReply.text("It is 42."));
    TestRun run = agent("\"agentTools\":[" + CALCULATOR + "]");
    RunResult result = run.ask("What is 6*7?");

    assertThat(result.text()).isEqualTo("It is 42.");
    assertThat(names(request(0))).containsExactly("calculator");
    assertThat(request(1).messages().toString())
        .contains("\"role\":\"tool\"", "\"content\":\"42\"", "call_1");
    JsonNode output = data(result, "agentAgentflow_0").path("output");
    assertThat(output.path("usedTools").toString())
        .isEqualTo(
            "[{\"tool\":\"calculator\",\"toolInput\":{\"input\":\"6*7\"},\"toolOutput\":\"42\"}]");
    assertThat(output.at("/availableTools/0/toolNode/name").asString()).isEqualTo("calculator");
    assertThat(output.at("/usageMetadata/total_tokens").asInt()).as("both calls").isEqualTo(30);
    assertThat(output.at("/usageMetadata/tool_call_tokens").asInt()).isEqualTo(15);
    assertThat(roles(result)).containsExactly("user", "assistant", "tool");
    assertThat(run.tokens()).isEqualTo("It is 42.");
    assertThat(run.events().stream().filter(e -> e.contains("calledTools")).toList())
        .first()
        .asString()
        .contains("\"tool\":\"calculator\"", "6*7");
    assertThat(run.events()).anyMatch(event -> event.contains("\"event\":\"usedTools\""));
  }

  @Test
  void runsTheCallsOfOneAnswerTogetherAndKeepsTheirOrder() {
    var both = new CountDownLatch(2);
    var scripts =
        new FakeScripts((script, cancellation) -> {
          both.countDown();
          try {
            // Neither comes back before the other was called.
            assertThat(both.await(10, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return script.globals().get("$n");
        });
    server.reply(
        ModelReply.calls("echo", "{\"n\":\"first\"}", "echo", "{\"n\":\"second\"}"),
        ModelReply.text("done"));
    RunResult result =
        agent("\"agentTools\":[" + custom(false) + "]").with(scripts).with(STORED).ask("go");
    assertThat(result.error()).isNull();
    JsonNode messages = request(1).messages();
    assertThat(messages.get(2).path("content").asString()).isEqualTo("first");
    assertThat(messages.get(3).path("content").asString()).isEqualTo("second");
  }

  @Test
  void tellsTheModelWhatWentWrong() {
    var scripts =
        new FakeScripts((script, cancellation) -> {
          throw new FlowException("the tool is out of order");
        });
    server.reply(
        ModelReply.calls(
            "nothing_like_it", "{}", "calculator", "{not json", "echo", "{\"n\":\"1\"}"),
        ModelReply.text("sorry"));
    RunResult result =
        agent("\"agentTools\":[" + CALCULATOR + "," + custom(false) + "]")
            .with(scripts)
            .with(STORED)
            .ask("go");
    assertThat(result.text()).isEqualTo("sorry");
    JsonNode messages = request(1).messages();
    assertThat(messages.get(2).path("content").asString())
        .contains("There is no tool \"nothing_like_it\"", "calculator, echo");
    assertThat(messages.get(3).path("content").asString()).contains("not a JSON object");
    assertThat(messages.get(4).path("content").asString())
        .isEqualTo("Error: the tool is out of order");
    assertThat(data(result, "agentAgentflow_0").at("/output/usedTools/2/error").asString())
        .isEqualTo("the tool is out of order");
  }

  @Test
  void failsAtAToolIfItIsToldTo() {
    server.reply(ModelReply.calls("nothing_like_it", "{}"));
    RunResult result =
        agent("\"agentOnToolError\":\"abort\",\"agentTools\":[" + CALCULATOR + "]").ask("go");
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error()).contains("Error in Agent node", "nothing_like_it", "\"A\"");
  }

  @Test
  void callsToolsOnlySoOften() {
    server.always(ModelReply.calls("calculator", "{\"input\":\"1\"}"));
    RunResult result =
        agent("\"agentMaxToolRounds\":\"3\",\"agentTools\":[" + CALCULATOR + "]").ask("go");
    assertThat(result.error())
        .contains(
            "called tools 3 times in a row", "agentMaxToolRounds", "\"A\" (agentAgentflow_0)");
    assertThat(server.requests()).hasSize(4);
  }

  @Test
  void aToolsResultMayBeTheAnswer() {
    server.reply(ModelReply.calls("echo", "{\"n\":\"this is it\"}"));
    var scripts = new FakeScripts((script, cancellation) -> script.globals().get("$n"));
    TestRun run = agent("\"agentTools\":[" + custom(true) + "]").with(scripts).with(STORED);
    assertThat(run.ask("go").text()).isEqualTo("this is it");
    assertThat(run.tokens()).isEqualTo("this is it");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void whatAToolSetsOffByMarkersIsNoTextForTheModel() {
    String told =
        "Found it.\n\n----FLOWISE_SOURCE_DOCUMENTS----\n\n[{\"pageContent\":\"p\",\"metadata\":{}}]"
            + "\n\n----FLOWISE_ARTIFACTS----\n\n[{\"type\":\"png\",\"data\":\"d\"}]"
            + "\n\n----FLOWISE_TOOL_ARGS----\n\n{\"q\":\"as sent\"}";
    server.reply(ModelReply.calls("echo", "{\"n\":\"1\"}"), ModelReply.text("done"));
    var run =
        agent("\"agentTools\":[" + custom(false) + "]")
            .with(new FakeScripts((script, cancellation) -> Json.text(told)))
            .with(STORED);
    RunResult result = run.ask("go");
    assertThat(request(1).messages().get(2).path("content").asString()).isEqualTo("Found it.");
    JsonNode output = data(result, AGENT).path("output");
    assertThat(output.at("/sourceDocuments/0/pageContent").asString()).isEqualTo("p");
    assertThat(output.at("/artifacts/0/data").asString()).isEqualTo("d");
    assertThat(output.path("usedTools").toString())
        .isEqualTo(
            "[{\"tool\":\"echo\",\"toolInput\":{\"q\":\"as sent\"},\"toolOutput\":\"Found it.\"}]");
    assertThat(run.data("sourceDocuments")).hasSize(1);
    assertThat(run.data("artifacts")).hasSize(1);
  }

  @Test
  void answersInAForm() {
    ObjectNode form = Json.object().put("city", "Lyon");
    server.reply(ModelReply.text("I say Lyon."), ModelReply.json(form));
    String fields =
        "\"agentStructuredOutput\":[{\"key\":\"city\",\"type\":\"string\",\"description\":\"c\"}]";
    TestRun run = agent(fields);
    RunResult result = run.ask("where?");
    assertThat(result.text()).isEqualTo("```json\n{\n  \"city\": \"Lyon\"\n}\n```");
    assertThat(data(result, "agentAgentflow_0").at("/output/city").asString()).isEqualTo("Lyon");
    assertThat(request(1).question()).contains("I say Lyon.");
    assertThat(run.tokens()).isEqualTo(result.text());
  }

  @Test
  void namesAToolThatItDoesNotKnow() {
    RunResult result = agent("\"agentTools\":[{\"agentSelectedTool\":\"teleporter\"}]").ask("go");
    assertThat(result.error())
        .contains("\"teleporter\"", "agentTools[0]", "\"A\" (agentAgentflow_0)", "calculator");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void namesAKeyThatIsMissing() {
    RunResult result =
        agent("\"agentTools\":[{\"agentSelectedTool\":\"serpAPI\",\"agentSelectedToolConfig\":{}}]")
            .ask("go");
    assertThat(result.error()).contains("serpAPI", "agentTools[0]", "serpApiKey is not set");
  }

  @Test
  void asksAHumanBeforeAToolAndGoesOnWhenItMay() {
    RunResult asked = asking().ask("go");
    assertThat(asked.status()).isEqualTo(RunStatus.STOPPED);
    assertThat(server.requests()).hasSize(1);
    JsonNode output = data(asked, AGENT).path("output");
    assertThat(output.path("isWaitingForHumanInput").asBoolean(false)).isTrue();
    assertThat(output.path("content").asString()).contains("calculator", "1+1");

    server.reply(ModelReply.text("Two."));
    RunResult result = answered("{\"type\":\"proceed\"}");
    assertThat(result.text()).isEqualTo("Two.");
    assertThat(server.requests()).hasSize(2);
    assertThat(request(1).messages().toString())
        .contains("\"content\":\"2\"", "\"content\":\"Error: There is no tool");
    JsonNode goneOn = data(result, AGENT).path("output");
    assertThat(goneOn.at("/usageMetadata/total_tokens").asInt()).isEqualTo(30);
    assertThat(goneOn.path("usedTools")).hasSize(2);
  }

  @Test
  void asksTheModelAgainWithoutAToolThatItMayNotUse() {
    asking().ask("go");
    server.reply(ModelReply.text("Then not."));
    RunResult result = answered("{\"type\":\"reject\",\"feedback\":\"by heart, please\"}");
    assertThat(result.text()).isEqualTo("Then not.");
    assertThat(names(request(1))).containsExactly("current_date_time");
    assertThat(request(1).question()).isEqualTo("by heart, please");
    assertThat(request(1).messages().toString()).doesNotContain("tool_calls");
  }

  @Test
  void anApprovalIsOneOfTwoWords() {
    asking().ask("go");
    assertThat(answered("{\"type\":\"approve\"}").error())
        .contains("is of type \"approve\"", "\"proceed\" or \"reject\"");
  }

  private TestRun asking() {
    server.reply(ModelReply.calls("calculator", "{\"input\":\"1+1\"}", "unheard_of", "{}"));
    return approving();
  }

  private TestRun approving() {
    String tool =
        "{\"agentSelectedTool\":\"calculator\",\"agentSelectedToolRequiresHumanInput\":true}";
    String clock = "{\"agentSelectedTool\":\"currentDateTime\"}";
    return agent("\"agentTools\":[" + tool + "," + clock + "]").with(journal);
  }

  private RunResult answered(String answer) {
    return approving()
        .resume(
            Json.object().put("question", "go"),
            journal.answered(new java.util.UUID(0, 1), null, answer, List.of()));
  }

  @Test
  void aStreamThatEndsInTheMiddleIsAnError() {
    server.always(new ModelReply.Disconnect(List.of("half ", "an ")));
    assertThat(agent("\"agentTools\":[]").ask("go").error()).contains("Error in Agent node");
  }

  @Test
  void aCancellationReachesASilentModel() {
    var cancellation = new Cancellation();
    server.always(new ModelReply.Stall(List.of("one "), Duration.ZERO));
    TestRun run = agent("\"agentTools\":[]").with(cancellation);
    var result = java.util.concurrent.CompletableFuture.supplyAsync(() -> run.ask("go"));
    org.awaitility.Awaitility.await().until(() -> !server.requests().isEmpty());
    cancellation.cancel("enough");
    assertThat(result.orTimeout(10, TimeUnit.SECONDS).join().status())
        .isEqualTo(RunStatus.TERMINATED);
  }

  private static final FakeStore STORED =
      FakeStore.of(
          new FakeStore.Library(
              Map.of(
                  "t1",
                  new StoredTool(
                      "echo",
                      "Says it again",
                      "[{\"property\":\"n\",\"type\":\"string\",\"required\":true}]",
                      "return $n")),
              Map.of(),
              List.of()));

  private static String custom(boolean direct) {
    return "{\"agentSelectedTool\":\"customTool\",\"agentSelectedToolConfig\":"
        + "{\"selectedTool\":\"t1\",\"returnDirect\":"
        + direct
        + "}}";
  }

  private TestRun agent(String inputs) {
    String model =
        "\"agentModel\":\"chatOpenAI\",\"agentModelConfig\":{\"modelName\":\"gpt-4o-mini\","
            + "\"openAIApiKey\":\"x\",\"basepath\":\""
            + server.baseUrl()
            + "\"},";
    return FlowDraft.start()
        .then("agentAgentflow_0", "A", "{" + model + inputs + "}")
        .run()
        .with(new LangChainChatModels(http, ModelLimits.DEFAULT));
  }

  private ModelRequest request(int number) {
    return server.requests().get(number);
  }

  private static List<String> names(ModelRequest request) {
    return request
        .body()
        .path("tools")
        .valueStream()
        .map(tool -> tool.at("/function/name").asString())
        .toList();
  }

  private static List<String> roles(RunResult result) {
    return data(result, "agentAgentflow_0")
        .at("/input/messages")
        .valueStream()
        .map(message -> message.path("role").asString())
        .toList();
  }
}
