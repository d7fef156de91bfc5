package dev.millrace.flows.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import java.util.List;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** How each provider is offered tools, calls them, and is told what came of it. */
final class ProviderToolsTest {
  private static final ToolSpec TOOL =
      new ToolSpec(
          "look",
          "looks",
          ModelCalls.object(
              "{'type':'object','properties':{'at':{'type':'string'}},'required':['at']}"));

  private final ProviderServer server = new ProviderServer();
  private final ModelCalls calls = new ModelCalls();

  @AfterEach
  void stop() {
    calls.close();
    server.close();
  }

  @Test
  void anthropic() throws Exception {
    var first =
        call(
            "chatAnthropic",
            "{'baseUrl':'" + server.url("/v1") + "','anthropicApiKey':'k','extendedThinking':true}",
            List.of("web_search_20250305"),
            List.of(),
            "{'id':'1','type':'message','role':'assistant','model':'c','content':["
                + "{'type':'thinking','thinking':'hm','signature':'sealed'},"
                + "{'type':'tool_use','id':'t1','name':'look','input':{'at':'sky'}}],"
                + "'stop_reason':'tool_use','usage':{'input_tokens':1,'output_tokens':1}}");
    assertThat(first.calls())
        .containsExactly(new ToolRound.Call("t1", "look", first.calls().getFirst().arguments()));
    assertThat(ModelCalls.object(first.calls().getFirst().arguments()).path("at").asString())
        .isEqualTo("sky");
    ObjectNode asked = body();
    assertThat(asked.path("tools").toString())
        .contains("\"name\":\"look\"", "\"type\":\"web_search_20250305\"");

    call(
        "chatAnthropic",
        "{'baseUrl':'" + server.url("/v1") + "','anthropicApiKey':'k','extendedThinking':true}",
        List.of(),
        List.of(round(first)),
        "{'id':'2','type':'message','role':'assistant','model':'c','content':["
            + "{'type':'text','text':'blue'}],'stop_reason':'end_turn',"
            + "'usage':{'input_tokens':1,'output_tokens':1}}");
    assertThat(body().path("messages").toString())
        .as("a model that thinks wants to see its sealed thoughts again")
        .contains("\"tool_use_id\":\"t1\"", "it is blue", "\"signature\":\"sealed\"");
  }

  @Test
  void gemini() throws Exception {
    var first =
        call(
            "chatGoogleGenerativeAI",
            "{'baseUrl':'"
                + server.url("/v1beta")
                + "','googleGenerativeAPIKey':'k','modelName':'g'}",
            List.of(),
            List.of(),
            "{'candidates':[{'content':{'role':'model','parts':[{'functionCall':{'name':'look',"
                + "'args':{'at':'sky'}}}]},'finishReason':'STOP'}],'usageMetadata':"
                + "{'promptTokenCount':1,'candidatesTokenCount':1,'totalTokenCount':2}}");
    assertThat(first.calls()).hasSize(1);
    assertThat(first.calls().getFirst().id()).isNotEmpty();
    assertThat(body().path("tools").toString()).contains("\"name\":\"look\"");

    call(
        "chatGoogleGenerativeAI",
        "{'baseUrl':'" + server.url("/v1beta") + "','googleGenerativeAPIKey':'k','modelName':'g'}",
        List.of("googleSearch", "urlContext"),
        List.of(round(first)),
        "{'candidates':[{'content':{'role':'model','parts':[{'text':'blue'}]},'finishReason':'STOP'}],"
            + "'usageMetadata':{'promptTokenCount':1,'candidatesTokenCount':1,'totalTokenCount':2}}");
    String second = body().toString();
    assertThat(second).contains("functionResponse", "it is blue", "google_search", "urlContext");
  }

  @Test
  void ollama() throws Exception {
    var first =
        call(
            "chatOllama",
            "{'baseUrl':'" + server.url("") + "','modelName':'o'}",
            List.of(),
            List.of(),
            "{'model':'o','message':{'role':'assistant','content':'','tool_calls':[{'function':"
                + "{'name':'look','arguments':{'at':'sky'}}}]},'done':true,'done_reason':'stop',"
                + "'prompt_eval_count':1,'eval_count':1}");
    assertThat(first.calls()).extracting(ToolRound.Call::name).containsExactly("look");
    assertThat(body().path("tools").toString()).contains("\"name\":\"look\"");
  }

  @Test
  void openAisOwnToolsAreCalledByItsResponsesApi() throws Exception {
    var answer =
        call(
            "chatOpenAI",
            "{'basepath':'" + server.url("/v1") + "','openAIApiKey':'k'}",
            List.of("web_search_preview", "code_interpreter"),
            List.of(),
            "{'id':'r','object':'response','status':'completed','model':'gpt-4o-mini','output':["
                + "{'type':'message','id':'m','role':'assistant','status':'completed','content':["
                + "{'type':'output_text','text':'blue','annotations':[]}]}],"
                + "'usage':{'input_tokens':1,'output_tokens':1,'total_tokens':2}}");
    assertThat(answer.text()).isEqualTo("blue");
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath()).isEqualTo("/v1/responses");
    assertThat(ProviderServer.text(request).replace(" ", ""))
        .contains("\"type\":\"web_search_preview\"", "\"type\":\"code_interpreter\"");
  }

  @Test
  void whatAModelThoughtIsSummedUpByTheResponsesApi() throws Exception {
    var answer =
        call(
            "chatOpenAI",
            "{'basepath':'"
                + server.url("/v1")
                + "','openAIApiKey':'k','modelName':'o4-mini','temperature':'0.5',"
                + "'reasoningEffort':'low','reasoningSummary':'concise',"
                + "'baseOptions':'{\\u0022X-Team\\u0022:\\u0022blue\\u0022}'}",
            List.of(),
            List.of(),
            "{'id':'r','object':'response','status':'completed','model':'o4-mini','output':["
                + "{'type':'reasoning','id':'rs','summary':[{'type':'summary_text',"
                + "'text':'I looked up.'}]},"
                + "{'type':'message','id':'m','role':'assistant','status':'completed','content':["
                + "{'type':'output_text','text':'blue','annotations':[]}]}],"
                + "'usage':{'input_tokens':1,'output_tokens':1,'total_tokens':2}}");
    assertThat(answer.text()).isEqualTo("blue");
    assertThat(answer.thinking()).isEqualTo("I looked up.");
    var request = server.takeRequest();
    assertThat(request.getHeaders().get("X-Team")).isEqualTo("blue");
    assertThat(request.getUrl().encodedPath()).isEqualTo("/v1/responses");
    assertThat(ProviderServer.text(request).replaceAll("\\s", ""))
        .contains("\"effort\":\"low\"", "\"summary\":\"concise\"", "\"name\":\"look\"")
        .doesNotContain("temperature");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatOpenAisOwnToolsMadeComesWithTheAnswer(boolean stream) throws Exception {
    var whole =
        "{'id':'r','object':'response','status':'completed','model':'gpt-4o-mini','tools':["
            + "{'type':'web_search_preview'}],'output':["
            + "{'type':'web_search_call','id':'w','status':'completed',"
            + "'action':{'type':'search','query':'sky'}},"
            + "{'type':'code_interpreter_call','id':'c','status':'completed','code':'print(1)'},"
            + "{'type':'image_generation_call','id':'ig1','status':'completed','result':'AAAA',"
            + "'revised_prompt':'a sky','output_format':'png'},"
            + "{'type':'message','id':'m','role':'assistant','status':'completed','content':["
            + "{'type':'output_text','text':'see [it](sandbox:/mnt/data/a.csv)','annotations':["
            + "{'type':'url_citation','url':'https://x','title':'X'},"
            + "{'type':'container_file_citation','container_id':'ct','file_id':'f1',"
            + "'filename':'a.csv'},{'type':'container_file_citation','container_id':'ct',"
            + "'file_id':'gone','filename':'b.csv'}]}]}],"
            + "'usage':{'input_tokens':1,'output_tokens':1,'total_tokens':2}}";
    var body =
        stream
            ? "event: response.output_text.delta\ndata: {'type':'response.output_text.delta',"
                + "'item_id':'m','output_index':3,'content_index':0,'delta':'see'}\n\n"
                + "event: response.completed\ndata: {'type':'response.completed','response':"
                + whole
                + "}\n\n"
            : whole;
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", stream ? "text/event-stream" : "application/json")
            .body(body.replace('\'', '"'))
            .build());
    server.enqueue(new MockResponse.Builder().body("a,b").build());
    server.enqueue(new MockResponse.Builder().code(404).body("{}").build());
    var answer =
        calls
            .models()
            .call(
                new ChatModels.Call(
                    "chatOpenAI",
                    ModelCalls.object("{'basepath':'" + server.url("/v1") + "'}"),
                    ModelCalls.object("{'openAIApiKey':'k'}"),
                    List.of(new ChatTurn("user", "what do you see?")),
                    stream,
                    null,
                    List.of(),
                    List.of("web_search_preview", "code_interpreter", "image_generation"),
                    List.of()),
                ChatModels.ChatListener.NONE,
                Cancellation.none());
    assertThat(answer.made().files())
        .containsExactly(
            new ChatModels.MadeFile("generated_image_ig1.png", "image/png", "AAAA"),
            new ChatModels.MadeFile("a.csv", "text/csv", "YSxi"));
    assertThat(answer.made().usedTools().toString())
        .isEqualTo(
            "[{\"tool\":\"web_search_preview\",\"toolInput\":{\"type\":\"search\",\"query\":\"sky\"},"
                + "\"toolOutput\":\"Success\"}, {\"tool\":\"code_interpreter\",\"toolInput\":"
                + "\"print(1)\",\"toolOutput\":\"Success\"}, {\"tool\":\"image_generation\","
                + "\"toolInput\":{\"prompt\":\"a sky\",\"size\":\"1024x1024\",\"quality\":"
                + "\"standard\",\"output_format\":\"png\"},\"toolOutput\":"
                + "\"Image generated and saved\"}]");
    var _ = server.takeRequest();
    var fetched = server.takeRequest();
    assertThat(fetched.getUrl().encodedPath()).isEqualTo("/v1/containers/ct/files/f1/content");
    assertThat(fetched.getHeaders().get("Authorization")).isEqualTo("Bearer k");
  }

  private static ToolRound round(ChatModels.Answer answer) {
    var call = answer.calls().getFirst();
    var result = new ToolRound.Result(call.id(), call.name(), "it is blue");
    return new ToolRound(answer.text(), answer.calls(), List.of(result), answer.carry());
  }

  private ChatModels.Answer call(
      String node, String config, List<String> builtIn, List<ToolRound> rounds, String answer) {
    server.json(answer);
    return calls
        .models()
        .call(
            new ChatModels.Call(
                node,
                ModelCalls.object(config),
                ModelCalls.object("{}"),
                List.of(new ChatTurn("user", "what do you see?")),
                false,
                null,
                List.of(TOOL),
                builtIn,
                rounds),
            ChatModels.ChatListener.NONE,
            Cancellation.none());
  }

  private ObjectNode body() throws Exception {
    return ProviderServer.body(server.takeRequest());
  }
}
