package dev.millrace.flows.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.FlowStore.StoredTool;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.HttpFetcher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ToolNodeTest {
  private final List<HttpFetcher.Request> requests = new ArrayList<>();

  @Test
  void tellsTheTime() {
    RunResult result = tool("currentDateTime", "{}", "\"\"").ask("x");
    assertThat(result.text())
        .isEqualTo(
            "{\"date\":\"2026-01-02\",\"time\":\"03:04:05\",\"day\":\"Friday\",\"timezone\":\"UTC\","
                + "\"timezoneOffset\":\"+00:00\",\"iso8601\":\"2026-01-02T03:04:05.678Z\","
                + "\"unix_timestamp\":1767323045}");
    JsonNode data = TestRun.data(result, "toolAgentflow_0");
    assertThat(data.path("input").toString())
        .isEqualTo("{\"toolInputArgs\":\"\",\"selectedTool\":\"currentDateTime\"}");
  }

  @Test
  void readsOlderExports() {
    var run =
        FlowDraft.start()
            .then(
                "toolAgentflow_0",
                "T",
                "{\"selectedTool\":\"calculator\",\"selectedToolConfig\":{},"
                    + "\"toolInputArgs\":[{\"inputArgName\":\"input\",\"inputArgValue\":\"2+3\"}]}")
            .run();
    assertThat(run.ask("x").text()).isEqualTo("5");
  }

  @Test
  void sendsPathAndQueryParameters() {
    String config =
        "{\"requestsGetUrl\":\"<p>http://api.example/{{ question }}/:id</p>\","
            + "\"requestsGetQueryParamsSchema\":\"{\\\"id\\\":{\\\"type\\\":\\\"string\\\","
            + "\\\"in\\\":\\\"path\\\"},\\\"limit\\\":{\\\"type\\\":\\\"number\\\","
            + "\\\"in\\\":\\\"query\\\"}}\",\"requestsGetMaxOutputLength\":\"4\"}";
    String args =
        "[{\"inputArgName\":\"queryParams\","
            + "\"inputArgValue\":\"{\\\"id\\\":\\\"a b/c\\\",\\\"limit\\\":\\\"3\\\"}\"}]";
    RunResult result = tool("requestsGet", config, args).ask("events");
    assertThat(result.error()).isNull();
    assertThat(requests.getFirst().url()).isEqualTo("http://api.example/events/a%20b%2Fc?limit=3");
    assertThat(result.text()).isEqualTo("answ...");
  }

  @Test
  void sendsWhatTheModelSaysAlsoWithoutASchema() {
    String config =
        "{\"requestsPostUrl\":\"http://api.example\",\"requestPostBody\":\"{\\\"a\\\":1}\","
            + "\"requestsPostHeaders\":\"{\\\"X-Key\\\":\\\"k\\\"}\"}";
    String args = "[{\"inputArgName\":\"body\",\"inputArgValue\":\"{\\\"b\\\":[1,2]}\"}]";
    tool("requestsPost", config, args).ask("x");
    HttpFetcher.Request request = requests.getFirst();
    assertThat(new String(body(request), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":1,\"b\":[1,2]}");
    assertThat(request.headers()).containsExactly(Map.entry("X-Key", "k"));
  }

  @Test
  void anAddressCannotBeLeftByAParameter() {
    String config =
        "{\"requestsDeleteUrl\":\"http://api.example/items\","
            + "\"requestsDeleteQueryParamsSchema\":{\"id\":{\"type\":\"string\",\"in\":\"path\"}}}";
    String args =
        "[{\"inputArgName\":\"queryParams\",\"inputArgValue\":\"{\\\"id\\\":\\\"..\\\"}\"}]";
    assertThat(tool("requestsDelete", config, args).ask("x").error()).contains("\"id\"");
    assertThat(requests).isEmpty();
  }

  @Test
  void aRefusalIsAnError() {
    TestRun run =
        tool("requestsGet", "{\"requestsGetUrl\":\"http://api.example\"}", "[]")
            .with(
                (HttpFetcher)
                    (request, cancellation) ->
                        new HttpFetcher.Response(
                            503, "", Map.of(), "busy".getBytes(StandardCharsets.UTF_8)));
    assertThat(run.ask("x").error())
        .contains("Error in Tool node \"T\"", "http://api.example answered with status 503: busy");
  }

  @Test
  void callsTheOperationsOfAnOpenApiDocument() {
    String document =
        """
        openapi: 3.0.0
        servers: [{url: "http://api.example/v1/"}]
        paths:
          /pets/{id}:
            put:
              operationId: updatePet
              parameters:
                - {name: id, in: path, required: true, schema: {type: integer}}
                - {name: loud, in: query, schema: {type: boolean}}
              requestBody:
                content:
                  application/json:
                    schema: {$ref: "#/components/schemas/Pet"}
        components:
          schemas:
            Pet: {type: object, properties: {name: {type: string}}, required: [name]}
        """;
    String encoded =
        java.util.Base64.getEncoder().encodeToString(document.getBytes(StandardCharsets.UTF_8));
    String config =
        "{\"yamlFile\":\"data:application/x-yaml;base64," + encoded + ",filename:pets.yaml\"}";
    String args =
        "[{\"inputArgName\":\"PathParameters\",\"inputArgValue\":\"{\\\"id\\\":\\\"7\\\"}\"},"
            + "{\"inputArgName\":\"QueryParameters\",\"inputArgValue\":\"{\\\"loud\\\":\\\"true\\\"}\"},"
            + "{\"inputArgName\":\"RequestBody\",\"inputArgValue\":\"{\\\"name\\\":\\\"Rex\\\"}\"}]";
    RunResult result = tool("openAPIToolkit", config, args).ask("x");
    assertThat(result.error()).isNull();
    HttpFetcher.Request request = requests.getFirst();
    assertThat(request.method() + " " + request.url())
        .isEqualTo("PUT http://api.example/v1/pets/7?loud=true");
    assertThat(new String(body(request), StandardCharsets.UTF_8)).isEqualTo("{\"name\":\"Rex\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ARTIFACTS | [{\"type\":\"png\"}] | /output/artifacts/0/type | png",
        "SOURCE_DOCUMENTS | [{\"pageContent\":\"p\"}] | /output/sourceDocuments/0/pageContent | p",
        "TOOL_ARGS | {\"a\":\"b\"} | /input/toolInputArgs/a | b",
      })
  void whatATextSetsOffByAMarkerIsNoTextOfIts(String marker, String json, String at, String value) {
    RunResult result = saying("ok\n\n----FLOWISE_" + marker + "----\n\n" + json);
    assertThat(result.text()).isEqualTo("ok");
    assertThat(TestRun.data(result, "toolAgentflow_0").at(at).asString()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "see ----FLOWISE_ARTIFACTS---- there",
        "ok\n\n----FLOWISE_ARTIFACTS----\n\n[not json",
        "ok\n\n----FLOWISE_ARTIFACTS----\n\n{}"
      })
  void aMarkerWithoutItsJsonIsText(String text) {
    assertThat(saying(text).text()).isEqualTo(text);
  }

  @Test
  void aFlowMaySayAnotherSchemaThanItsStoredTool() {
    var stored = new StoredTool("echo", "Says it", "[{\"property\":\"a\",\"required\":true}]", "c");
    var library = new FakeStore.Library(Map.of("t1", stored), Map.of(), List.of());
    ObjectNode config = Json.object().put("selectedTool", "t1");
    config.put("customToolSchema", "z.object({ n: z.number(), s: z.string().optional() })");
    String args = "[{\"inputArgName\":\"n\",\"inputArgValue\":\"7\"}]";
    var scripts = new FakeScripts((script, cancellation) -> script.globals().get("$n"));
    TestRun run = tool("customTool", config.toString(), args).with(scripts);
    assertThat(run.with(FakeStore.of(library)).ask("x").text()).isEqualTo("7");
    config.put("customToolSchema", "z.object({ n: z.number().pipe() })");
    assertThat(
            tool("customTool", config.toString(), args)
                .with(FakeStore.of(library))
                .ask("x")
                .error())
        .contains("customToolSchema", "a known method instead of pipe");
  }

  private RunResult saying(String text) {
    var stored = new StoredTool("echo", "Says it", "", "code");
    return tool("customTool", "{\"selectedTool\":\"t1\"}", "[]")
        .with(new FakeScripts((script, cancellation) -> Json.text(text)))
        .with(FakeStore.of(new FakeStore.Library(Map.of("t1", stored), Map.of(), List.of())))
        .ask("x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gmail", "microsoftTeams"})
  void saysWhatToDoWithoutAToolThatUsersSignInTo(String kind) {
    assertThat(tool(kind, "{}", "[]").ask("x").error())
        .contains("\"" + kind + "\"", "of node \"T\"", "OAuth", "requestsPost");
  }

  @Test
  void saysThatADocumentWasLeftOutOfAnExport() {
    assertThat(tool("openAPIToolkit", "{\"yamlFile\":\"\"}", "[]").ask("x").error())
        .contains("openApiFile", "upload it again");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "requestsGet | requestsGetHeaders | {\"requestsGetUrl\":\"http://api.example/\"",
        "openAPIToolkit | selectedEndpoints | {\"yamlFile\":\"data:text/yaml;base64,eyJvcGVuYXBpIjoiMy4wLjAiLCJzZXJ2ZXJzIjpbeyJ1cmwiOiJodHRwOi8vYSJ9XSwicGF0aHMiOnt9fQ==\"",
        "customMCP | mcpActions | {\"mcpServerConfig\":\"{}\"",
      })
  void aSettingThatIsNoJsonIsNotTakenForNone(String kind, String setting, String config) {
    String unreadable = config + ",\"" + setting + "\":\"{a\"}";
    assertThat(tool(kind, unreadable, "[]").ask("x").error())
        .contains(setting + " is not valid JSON", "of node");
  }

  private static byte[] body(HttpFetcher.Request request) {
    byte[] body = request.body();
    assertThat(body).isNotNull();
    return body == null ? new byte[0] : body;
  }

  private TestRun tool(String kind, String config, String args) {
    var inputs = Json.object().put("toolAgentflowSelectedTool", kind);
    inputs.set("toolAgentflowSelectedToolConfig", Json.read(config));
    inputs.set("toolInputArgs", Json.read(args));
    return FlowDraft.start()
        .then("toolAgentflow_0", "T", inputs.toString())
        .run()
        .with(
            (HttpFetcher)
                (request, cancellation) -> {
                  requests.add(request);
                  return new HttpFetcher.Response(
                      200, "OK", Map.of(), "answer".getBytes(StandardCharsets.UTF_8));
                });
  }
}
