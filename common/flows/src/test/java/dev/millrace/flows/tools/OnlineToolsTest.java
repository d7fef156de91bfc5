package dev.millrace.flows.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import java.net.InetAddress;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Tools that ask somebody over HTTP, against a server that stands in for the vendor's. */
class OnlineToolsTest {
  private final MockWebServer server = new MockWebServer();
  private final GuardedHttp http =
      new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT);

  @BeforeEach
  void start() throws Exception {
    server.start(InetAddress.getByName("127.0.0.1"), 0);
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "googleCustomSearch|GET /s?key=k1&cx=k2&q=red%20chairs|{\"items\":[{\"title\":\"A\","
            + "\"link\":\"l\",\"snippet\":\"s\",\"kind\":\"x\"}]}"
            + "|[{\"title\":\"A\",\"link\":\"l\",\"snippet\":\"s\"}]",
        "serpAPI|GET /s?api_key=k1&engine=google&q=red%20chairs|{\"answer_box\":{\"answer\":\"42\"}}|42",
        "serper|POST /s {\"q\":\"red chairs\"}|{\"organic\":[]}|No results.",
        "braveSearchAPI|GET /s?q=red%20chairs|{\"web\":{\"results\":[{\"title\":\"B\"}]}}"
            + "|[{\"title\":\"B\"}]",
        "tavilyAPI|POST /s {\"topic\":\"general\",\"search_depth\":\"basic\",\"max_results\":5,"
            + "\"query\":\"red chairs\"}|{\"results\":[{\"url\":\"u\",\"content\":\"c\"}]}"
            + "|[{\"url\":\"u\",\"content\":\"c\"}]",
        "exaSearch|POST /s {\"query\":\"red chairs\",\"numResults\":5,\"contents\":{\"text\":true}}"
            + "|{\"results\":[{\"text\":\"t\"}]}|[{\"text\":\"t\"}]",
        "searchAPI|GET /s?engine=google&q=red%20chairs|{\"organic_results\":[{\"title\":\"C\"}]}"
            + "|[{\"title\":\"C\"}]",
        "wikipedia|GET /s?action=query&format=json&generator=search&gsrsearch=red%20chairs&gsrlimit=3"
            + "&prop=extracts&explaintext=1&exlimit=3&exintro=1|{\"query\":{\"pages\":{\"1\":"
            + "{\"title\":\"Chair\",\"extract\":\"To sit.\"}}}}|Page: Chair\\nSummary: To sit.",
        "arxiv|GET /s?search_query=all%3Ared%20chairs&max_results=3|<feed><entry><title>T</title>"
            + "<id>i</id><published>p</published><author><name>N</name></author><summary>S</summary>"
            + "</entry></feed>|[{\"title\":\"T\",\"url\":\"i\",\"published\":\"p\",\"authors\":[\"N\"],"
            + "\"summary\":\"S\"}]",
        "wolframAlpha|GET /s?appid=k1&input=red%20chairs|a chair|a chair",
      })
  void searches(String kind, String asked, String answer, String told) throws Exception {
    server.enqueue(new MockResponse.Builder().body(answer).build());
    String keys =
        "{\"baseUrl\":\""
            + url("/s")
            + "\",\"googleCustomSearchApiKey\":\"k1\","
            + "\"googleCustomSearchApiId\":\"k2\",\"serpApiKey\":\"k1\",\"serperApiKey\":\"k1\","
            + "\"braveApiKey\":\"k1\",\"tavilyApiKey\":\"k1\",\"exaSearchApiKey\":\"k1\","
            + "\"searchApiKey\":\"k1\",\"wolframAlphaAppId\":\"k1\"}";
    RunResult result = tool(kind, keys, "input", "red chairs").ask("x");
    assertThat(result.error()).isNull();
    assertThat(result.text()).isEqualTo(told.replace("\\n", "\n"));
    var request = server.takeRequest();
    String body = text(request);
    assertThat(request.getMethod() + " " + request.getTarget() + (body.isEmpty() ? "" : " " + body))
        .isEqualTo(asked);
  }

  @Test
  void asksSearxngAsItsNodeSays() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .body("{\"results\":[{\"title\":\"A\",\"url\":\"u\",\"content\":\"c\",\"score\":1}]}")
            .build());
    String config =
        "{\"apiBase\":\""
            + url("/")
            + "\",\"categories\":\"it\",\"safesearch\":\"1\",\"engines\":\"\"}";
    assertThat(tool("searXNG", config, "input", "red chairs").ask("x").text())
        .isEqualTo("[{\"title\":\"A\",\"url\":\"u\",\"content\":\"c\"}]");
    assertThat(server.takeRequest().getTarget())
        .isEqualTo("/search?q=red%20chairs&format=json&categories=it&safesearch=1");
  }

  @Test
  void followsLinksWhereThereIsNoSitemap() {
    server.enqueue(new MockResponse.Builder().code(404).build());
    page("<title>One</title><body>first");
    String config = "{\"scrapeMode\":\"sitemap\"}";
    assertThat(tool("webScraperTool", config, "url", url("/one")).ask("x").text())
        .contains("\"title\":\"One\"");
  }

  @Test
  void readsPagesAndWhereTheyLead() {
    page(
        "<title>One</title><meta name=description content=about><body>first"
            + "<script>no()</script><a href='/two#x'> t </a><a href='https://elsewhere.example/'>e</a>");
    page("<title>Two</title><body>second");
    String config = "{\"maxDepth\":\"2\",\"maxPages\":\"5\"}";
    JsonNode pages = Json.read(tool("webScraperTool", config, "url", url("/one")).ask("x").text());
    assertThat(pages).hasSize(2);
    assertThat(pages.get(0).path("title").asString()).isEqualTo("One");
    assertThat(pages.get(0).path("description").asString()).isEqualTo("about");
    assertThat(pages.get(0).path("body_text").asString()).isEqualTo("first t e");
    assertThat(pages.get(1).path("url").asString()).isEqualTo(url("/two"));
  }

  @Test
  void tellsOfAPageThatIsNotThere() {
    server.enqueue(new MockResponse.Builder().code(404).body("gone").build());
    assertThat(tool("webScraperTool", "{}", "url", url("/one")).ask("x").text())
        .contains("\"error\"", "404");
  }

  @Test
  void asksAnotherFlowOfThisProcess() {
    Flow called =
        FlowDraft.start()
            .then(
                "directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"I got {{ question }}\"}")
            .flow();
    var run =
        tool(
                "ChatflowTool",
                "{\"selectedChatflow\":\"flow-2\",\"name\":\"Ask It\"}",
                "input",
                "this")
            .calling("flow-2", called);
    assertThat(run.ask("x").text()).isEqualTo("I got this");
  }

  @Test
  void asksAFlowOfAnotherServer() throws Exception {
    server.enqueue(new MockResponse.Builder().body("{\"text\":\"from afar\"}").build());
    String config = "{\"selectedChatflow\":\"f9\",\"baseURL\":\"" + url("/") + "\"}";
    assertThat(tool("ChatflowTool", config, "input", "q").ask("x").text()).isEqualTo("from afar");
    var request = server.takeRequest();
    assertThat(request.getTarget()).isEqualTo("/api/v1/prediction/f9");
    assertThat(request.getHeaders().get("flowise-tool")).isEqualTo("true");
    assertThat(text(request))
        .isEqualTo("{\"question\":\"q\",\"chatId\":\"chat-1\",\"overrideConfig\":{}}");
  }

  @Test
  void aFlowIsNoToolOfItself() {
    assertThat(
            tool("agentAsTool", "{\"selectedAgentflow\":\"flow-1\"}", "input", "q")
                .ask("x")
                .error())
        .contains("tool of itself");
  }

  private void page(String html) {
    server.enqueue(
        new MockResponse.Builder().addHeader("Content-Type", "text/html").body(html).build());
  }

  private String url(String path) {
    return server.url(path).toString();
  }

  private TestRun tool(String kind, String config, String name, String value) {
    var inputs = Json.object().put("toolAgentflowSelectedTool", kind);
    inputs.set("toolAgentflowSelectedToolConfig", Json.read(config));
    inputs
        .putArray("toolInputArgs")
        .addObject()
        .put("inputArgName", name)
        .put("inputArgValue", value);
    return FlowDraft.start().then("toolAgentflow_0", "T", inputs.toString()).run().with(http);
  }

  private static String text(RecordedRequest request) {
    var body = request.getBody();
    return body == null ? "" : body.utf8();
  }
}
