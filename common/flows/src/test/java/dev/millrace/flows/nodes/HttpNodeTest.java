package dev.millrace.flows.nodes;

import static dev.millrace.flows.fakes.TestRun.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.EngineSettings;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.HttpFetcher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class HttpNodeTest {
  private final List<HttpFetcher.Request> requests = new ArrayList<>();
  private byte[] answer = "{\"ok\":true}".getBytes(StandardCharsets.UTF_8);
  private String credential = "{}";

  @Test
  void getsWithQueryAndHeaders() {
    RunResult result =
        call(
            "{\"method\":\"GET\",\"url\":\"<p>http://h/{{ question }}</p>\","
                + "\"queryParams\":[{\"key\":\"a b\",\"value\":\"ü&\"},{\"key\":\"\",\"value\":\"x\"}],"
                + "\"headers\":[{\"key\":\"X-A\",\"value\":\"1\"},{\"key\":\"X-B\",\"value\":\"\"}],"
                + "\"body\":\"ignored\",\"bodyType\":\"raw\",\"responseType\":\"json\"}");
    var request = requests.getFirst();
    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.url()).isEqualTo("http://h/q?a+b=%C3%BC%26");
    assertThat(request.headers()).containsExactly(Map.entry("X-A", "1"));
    assertThat(request.body()).isNull();
    assertThat(data(result, "httpAgentflow_0").at("/output/http"))
        .hasToString(
            "{\"data\":{\"ok\":true},\"status\":404,\"statusText\":\"Not Found\","
                + "\"headers\":{\"b\":\"2\",\"x\":\"1\"}}");
    assertThat(result.status()).as("every status is a success").isEqualTo(RunStatus.FINISHED);
    assertThat(result.text()).isEqualTo(" ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          json               | "{'a': 1, // c\\n b: [2,],}"         | {"a":1,"b":[2]} | application/json
          json               | "{\\\\\\"a\\\\\\": \\\\[1\\\\]}"     | {"a":[1]}       | application/json
          xml                | "<a/>"                               | <a/>            | application/xml; charset=utf-8
          raw                | "as it is"                           | as it is        | text/plain; charset=utf-8
          xWwwFormUrlencoded | [{"key":"a","value":"1 2"},{"key":"b","value":"&"}] | a=1+2&b=%26 | application/x-www-form-urlencoded
          """)
  void sendsBodies(String type, String body, String sent, String contentType) {
    call(
        "{\"method\":\"POST\",\"url\":\"http://h\",\"bodyType\":\""
            + type
            + "\",\"body\":"
            + body
            + "}");
    assertThat(body(0)).isEqualTo(sent);
    assertThat(requests.getFirst().contentType()).isEqualTo(contentType);
  }

  @Test
  void sendsForms() {
    call(
        "{\"method\":\"PUT\",\"url\":\"http://h\",\"bodyType\":\"formData\","
            + "\"body\":[{\"key\":\"a\\\"b\",\"value\":\"{{ question }}\"}]}");
    String type = String.valueOf(requests.getFirst().contentType());
    String boundary = type.substring(type.indexOf('=') + 1);
    assertThat(type).startsWith("multipart/form-data; boundary=");
    assertThat(body(0))
        .isEqualTo(
            "--%s\r\nContent-Disposition: form-data; name=\"a%%22b\"\r\n\r\nq\r\n--%s--\r\n"
                .formatted(boundary, boundary));
  }

  @Test
  void sendsFilesInForms() {
    call(
        "{\"method\":\"POST\",\"url\":\"http://h\",\"bodyType\":\"formData\",\"body\":["
            + "{\"key\":\"f\",\"value\":\"data:image/png;base64,aGk=,filename:a.png\"}]}");
    assertThat(body(0))
        .contains(
            "name=\"f\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nhi\r\n--millrace");
  }

  @Test
  void statusesFailTheNodeWhenThatIsAskedFor() {
    RunResult result =
        call(
            "{\"url\":\"http://h\"}",
            EngineSettings.DEFAULT.with(Compat.HTTP_STATUS_IS_SUCCESS, false));
    assertThat(result.status()).isEqualTo(RunStatus.ERROR);
    assertThat(result.error())
        .isEqualTo("HTTP node \"H\" (httpAgentflow_0): GET answered 404 Not Found: {\"ok\":true}");
  }

  @Test
  void aHeaderOverridesTheContentType() {
    call(
        "{\"method\":\"POST\",\"url\":\"http://h\",\"bodyType\":\"raw\",\"body\":\"<a/>\","
            + "\"headers\":[{\"key\":\"content-type\",\"value\":\"text/xml\"}]}");
    assertThat(requests.getFirst().contentType()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"basicAuthUsername":"u","basicAuthPassword":"p"} | Authorization | Basic dTpw
          {"token":"t"}                                     | Authorization | Bearer t
          {"key":"X-Key","value":"v"}                       | X-Key         | v
          """)
  void authorises(String fields, String header, String value) {
    credential = fields;
    call("{\"url\":\"http://h\"}");
    assertThat(requests.getFirst().headers()).containsExactly(Map.entry(header, value));
  }

  @ParameterizedTest
  @CsvSource({"text,'{\"ok\":true}'", "base64,eyJvayI6dHJ1ZX0="})
  void readsTheAnswerAsAsked(String type, String read) {
    RunResult result = call("{\"url\":\"http://h\",\"responseType\":\"" + type + "\"}");
    assertThat(data(result, "httpAgentflow_0").at("/output/http/data").asString()).isEqualTo(read);
  }

  @Test
  void anAnswerThatIsNoJsonStaysText() {
    answer = "<html>".getBytes(StandardCharsets.UTF_8);
    RunResult result = call("{\"url\":\"http://h\",\"responseType\":\"json\"}");
    assertThat(data(result, "httpAgentflow_0").at("/output/http/data").asString())
        .isEqualTo("<html>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"url":""}                                                           | has no URL
          {"url":"http://h","method":"BREW"}                                   | BREW
          {"url":"http://h","method":"POST","bodyType":"json","body":"{a:"}    | Invalid JSON in the HTTP body
          {"url":"http://h","method":"POST","bodyType":"ink","body":"x"}       | "ink"
          """)
  void failsClearly(String inputs, String message) {
    assertThat(call(inputs).error()).contains(message);
    assertThat(requests).isEmpty();
  }

  private RunResult call(String inputs) {
    return call(inputs, EngineSettings.DEFAULT);
  }

  private RunResult call(String inputs, EngineSettings settings) {
    HttpFetcher fetcher =
        (request, cancellation) -> {
          requests.add(request);
          return new HttpFetcher.Response(404, "Not Found", Map.of("x", "1", "b", "2"), answer);
        };
    return FlowDraft.start()
        .then("httpAgentflow_0", "H", inputs)
        .credential(credential.equals("{}") ? "" : "c1")
        .run()
        .with(settings)
        .with(fetcher)
        .with(id -> (ObjectNode) Json.read(credential))
        .ask("q");
  }

  private String body(int index) {
    byte[] body = requests.get(index).body();
    return body == null ? "" : new String(body, StandardCharsets.UTF_8);
  }
}
