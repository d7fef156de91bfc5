package dev.millrace.flows.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.HttpFetcher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of an OpenAPI document, and of what a model says to its operations. */
class OpenApiToolsTest {
  private static final String LINK = "https://api.example/docs/openapi.yaml";
  private static final String DOCUMENT =
      """
      openapi: 3.0.0
      servers: [{url: "../{version}/", variables: {version: {default: v2}}}]
      paths:
        /pets/{id}:
          parameters:
            - {$ref: "#/components/parameters/Id"}
            - {name: tag, in: query, schema: {type: array, items: {type: string}}}
            - {name: X-Trace, in: header, schema: {type: string}}
          post:
            operationId: send
            parameters:
              - {name: session, in: cookie, required: true, schema: {type: string}}
              - {name: Authorization, in: header, schema: {type: string}}
            requestBody:
              content:
                BODY:
                  schema:
                    type: object
                    properties: {name: {type: string}, also: {type: array, items: {type: string}}}
      components:
        parameters:
          Id: {name: id, in: path, required: true, schema: {type: integer}}
      """;

  private final List<HttpFetcher.Request> requests = new ArrayList<>();

  @Test
  void parametersGoWhereTheDocumentSays() {
    RunResult result =
        sent(
            "application/json",
            "{\"PathParameters\":{\"id\":\"7\"},\"QueryParameters\":{\"tag\":[\"a b\",\"c\"]},"
                + "\"HeaderParameters\":{\"X-Trace\":\"t1\",\"x-key\":\"mine\"},"
                + "\"CookieParameters\":{\"session\":\"s;1\"},\"RequestBody\":{\"name\":\"Rex\"}}",
            Json.object().put("headers", "{\"X-Key\":\"k\"}"));
    assertThat(result.error()).isNull();
    HttpFetcher.Request request = requests.getLast();
    assertThat(request.method() + " " + request.url())
        .isEqualTo("POST https://api.example/v2/pets/7?tag=a%20b&tag=c");
    assertThat(request.headers())
        .as("the flow's own headers win")
        .containsExactly(
            Map.entry("Cookie", "session=s%3B1"),
            Map.entry("x-key", "k"),
            Map.entry("X-Trace", "t1"));
    assertThat(body()).isEqualTo("{\"name\":\"Rex\"}");
  }

  @Test
  void aParameterThatIsRequiredMayBeOneOfThePath() {
    assertThat(
            sent("application/json", "{\"CookieParameters\":{\"session\":\"s\"}}", Json.object())
                .error())
        .contains("\"PathParameters\" is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/merge-patch+json | {\"name\":\"a b\"} | {\"name\":\"a b\"}",
        "application/x-www-form-urlencoded | {\"name\":\"a b\",\"also\":[\"x\",\"y&\"]} | name=a%20b&also=x&also=y%26",
        "text/plain | \"as it is\" | as it is",
        "application/xml | \"<a/>\" | <a/>",
      })
  void bodiesHaveTheFormOfTheirType(String type, String given, String sent) {
    RunResult result = sent(type, minimal(given), Json.object());
    assertThat(result.error()).isNull();
    assertThat(requests.getLast().contentType()).isEqualTo(type);
    assertThat(body()).isEqualTo(sent);
  }

  @Test
  void formsWithPartsCarryTheirFields() {
    sent("multipart/form-data", minimal("{\"name\":\"a b\",\"also\":[\"x\"]}"), Json.object());
    assertThat(requests.getLast().contentType()).startsWith("multipart/form-data; boundary=");
    assertThat(body())
        .contains("name=\"name\"\r\n\r\na b\r\n--", "name=\"also\"\r\n\r\nx\r\n--")
        .endsWith("--\r\n");
  }

  @Test
  void aScriptSeesAllOfIt() {
    var scripts =
        new FakeScripts((script, cancellation) -> {
          assertThat(script.globals().get("$CookieParameters")).hasToString("{\"session\":\"s\"}");
          return script.globals().get("$options");
        });
    RunResult result =
        run(
                "application/x-www-form-urlencoded",
                minimal("{\"name\":\"n\"}"),
                Json.object().put("customCode", "return $options"))
            .with(scripts)
            .ask("x");
    assertThat(result.text())
        .isEqualTo(
            "{\"method\":\"POST\",\"headers\":{\"Content-Type\":\"application/x-www-form-urlencoded\","
                + "\"Cookie\":\"session=s\"},\"body\":\"name=n\"}");
  }

  @Test
  void aRelativeServerNeedsALink() {
    String file =
        "data:text/yaml;base64,"
            + java.util.Base64.getEncoder()
                .encodeToString(DOCUMENT.getBytes(StandardCharsets.UTF_8));
    ObjectNode config = Json.object().put("openApiLink", "").put("openApiFile", file);
    assertThat(sent("application/json", "{}", config).error())
        .contains("\"../v2/\" is relative", "selectedServer");
  }

  @Test
  void saysWhereAStoredFileIs() {
    ObjectNode config =
        Json.object().put("openApiLink", "").put("openApiFile", "FILE-STORAGE::[\"a.yaml\"]");
    assertThat(sent("application/json", "{}", config).error())
        .contains(
            "in the storage of the Flowise", "a.yaml", "upload it again", "BLOB_STORAGE_PATH");
    config.put("openApiFile", "FILE-STORAGE::[]");
    assertThat(sent("application/json", "{}", config).error())
        .contains("openApiFile is FILE-STORAGE::[]", "at most 100 names");
  }

  @Test
  void readsAStoredFile() {
    String document =
        DOCUMENT.replace("../{version}/", "https://api.example/v2").replace("BODY", "text/plain");
    ObjectNode config =
        Json.object().put("openApiLink", "").put("openApiFile", "FILE-STORAGE::[\"a.yaml\"]");
    RunResult result =
        run("text/plain", minimal("\"hello\""), config)
            .storing((folder, name) ->
                folder.path().equals(List.of("flow-1")) && name.equals("a.yaml")
                    ? Optional.of(document.getBytes(StandardCharsets.UTF_8))
                    : Optional.empty())
            .ask("x");
    assertThat(result.error()).isNull();
    assertThat(requests.getLast().url()).isEqualTo("https://api.example/v2/pets/1");
  }

  private static String minimal(String body) {
    return "{\"PathParameters\":{\"id\":1},\"CookieParameters\":{\"session\":\"s\"},\"RequestBody\":"
        + body
        + "}";
  }

  private String body() {
    byte[] body = requests.getLast().body();
    return body == null ? "" : new String(body, StandardCharsets.UTF_8);
  }

  private RunResult sent(String type, String arguments, ObjectNode config) {
    return run(type, arguments, config).ask("x");
  }

  private TestRun run(String type, String arguments, ObjectNode more) {
    ObjectNode config = Json.object().put("openApiLink", LINK);
    config.setAll(more);
    ObjectNode inputs = Json.object().put("toolAgentflowSelectedTool", "openAPIToolkit");
    inputs.set("toolAgentflowSelectedToolConfig", config);
    var rows = inputs.putArray("toolInputArgs");
    Json.read(arguments)
        .properties()
        .forEach(one ->
            rows.addObject()
                .put("inputArgName", one.getKey())
                .set("inputArgValue", one.getValue()));
    return FlowDraft.start()
        .then("toolAgentflow_0", "T", inputs.toString())
        .run()
        .with(
            (HttpFetcher)
                (request, cancellation) -> {
                  requests.add(request);
                  String answer =
                      request.url().equals(LINK) ? DOCUMENT.replace("BODY", type) : "ok";
                  byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
                  return new HttpFetcher.Response(200, "OK", Map.of(), bytes);
                });
  }
}
