package dev.millrace.flows.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookCheckTest {
  private static final String HMAC =
      // of "{}" with the key "s3cret"
      WebhookCheck.hmac("s3cret", "{}".getBytes(StandardCharsets.UTF_8));

  @ParameterizedTest
  @CsvSource({
    "hmac-sha256, x-webhook-signature, '', true",
    "hmac-sha256, x-webhook-signature, sha256=, true",
    "hmac-sha256, x-webhook-signature, sha512=, false",
    "plain-token, x-webhook-signature, '', false",
  })
  void signaturesAreOverTheRawBody(String type, String header, String prefix, boolean passes) {
    var trigger = trigger("\"webhookEnableAuth\":true,\"webhookSignatureType\":\"" + type + "\"");
    var request = request("POST", Map.of(header, prefix + HMAC), "{}");
    assertThat(WebhookCheck.signature(trigger, request, "s3cret").isEmpty()).isEqualTo(passes);
    assertThat(WebhookCheck.signature(trigger, request, "other")).isPresent();
    assertThat(WebhookCheck.signature(trigger, request, "")).isPresent();
  }

  @Test
  void knownHmac() {
    assertThat(
            WebhookCheck.hmac(
                "key",
                "The quick brown fox jumps over the lazy dog".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  }

  @Test
  void tokensAreComparedAsTheyAre() {
    var trigger =
        trigger(
            "\"webhookEnableAuth\":true,\"webhookSignatureType\":\"plain-token\","
                + "\"webhookSignatureHeader\":\"X-Token\"");
    assertThat(WebhookCheck.signature(trigger, request("POST", Map.of("x-token", "T"), "{}"), "T"))
        .isEmpty();
    var refusal =
        WebhookCheck.signature(trigger, request("POST", Map.of("x-token", "t"), "{}"), "T");
    assertThat(refusal).hasValueSatisfying(why -> assertThat(why.status()).isEqualTo(401));
    assertThat(WebhookCheck.signature(trigger, request("POST", Map.of(), "{}"), "T"))
        .hasValueSatisfying(why -> assertThat(why.message()).contains("x-token"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          GET  | application/json                | {}                                    | 405
          POST | text/plain                      | x                                     | 415
          POST | application/json; charset=utf-8 | {"n":1,"tags":["a"]}                  | -
          POST | application/json                | {"tags":["a"]}                        | 400
          POST | application/json                | {"n":"1","tags":["a"]}                | 400
          POST | application/json                | {"n":1,"tags":["a",2]}                | 400
          POST | application/json                | {"n":1}                               | -
          """)
  void shapesAreChecked(String method, String type, String body, @Nullable Integer status) {
    var trigger =
        trigger(
            "\"webhookEnableValidation\":true,\"webhookBodyParams\":["
                + "{\"name\":\"n\",\"type\":\"number\",\"required\":true},"
                + "{\"name\":\"tags\",\"type\":\"array[string]\",\"required\":false}]");
    var request = request(method, Map.of("content-type", type), body);
    var refusal = WebhookCheck.shape(trigger, request, request.body());
    assertThat(refusal.map(WebhookCheck.Refusal::status).orElse(null)).isEqualTo(status);
  }

  @Test
  void headersAndParametersAreAskedFor() {
    var trigger =
        trigger(
            "\"webhookEnableValidation\":true,\"webhookMethod\":\"GET\",\"webhookHeaderParams\":"
                + "[{\"name\":\"X-Id\",\"required\":\"true\"}],\"webhookQueryParams\":"
                + "[{\"name\":\"q\",\"required\":true}]");
    var without = new WebhookRequest("GET", Map.of(), Map.of(), new byte[0]);
    assertThat(WebhookCheck.shape(trigger, without, Json.object()))
        .hasValueSatisfying(why -> assertThat(why.message()).contains("header", "X-Id"));
    var half = new WebhookRequest("GET", Map.of("x-id", "1"), Map.of(), new byte[0]);
    assertThat(WebhookCheck.shape(trigger, half, Json.object()))
        .hasValueSatisfying(why -> assertThat(why.message()).contains("query parameter", "q"));
    var whole = new WebhookRequest("GET", Map.of("x-id", "1"), Map.of("q", "1"), new byte[0]);
    assertThat(WebhookCheck.shape(trigger, whole, Json.object())).isEmpty();
  }

  @Test
  void formsBecomeObjectsAndPayloadsAreUnwrapped() {
    var type = Map.of("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    assertThat(request("POST", type, "a=1+2&b=%C3%BC&c").body())
        .hasToString("{\"a\":\"1 2\",\"b\":\"ü\",\"c\":\"\"}");
    assertThat(request("POST", type, "payload=%7B%22a%22%3A1%7D").body()).hasToString("{\"a\":1}");
    assertThat(request("POST", type, "payload=%").body()).hasToString("{\"payload\":\"%\"}");
    assertThat(request("POST", Map.of(), "").body()).hasToString("{}");
    assertThat(request("POST", Map.of(), "no json").body()).hasToString("\"no json\"");
  }

  @Test
  void secretsAreNotForTheFlow() {
    var request =
        new WebhookRequest(
            "POST",
            Map.of("authorization", "Bearer x", "x-sig", "y", "a", "b"),
            Map.of("q", "1"),
            new byte[0]);
    assertThat(request.payload(Json.object(), "x-sig"))
        .hasToString(
            "{\"body\":{},\"headers\":{\"a\":\"b\",\"authorization\":\"[REDACTED]\","
                + "\"x-sig\":\"[REDACTED]\"},\"query\":{\"q\":\"1\"}}");
  }

  @Test
  void questionsAreMadeOfThePayload() {
    var webhook = Json.read("{\"body\":{\"user\":{\"name\":\"{{ x }} $&\"}}}");
    assertThat(
            trigger("\"webhookDefaultInput\":\"<p>Hi {{ $webhook.body.user.name }}</p>\"")
                .question(webhook))
        .contains("Hi {{ x }} $&");
    assertThat(trigger("\"webhookDefaultInput\":\"\"").question(webhook)).contains(" ");
    assertThat(trigger("\"webhookInputMode\":\"none\"").question(webhook)).contains(" ");
    assertThat(trigger("\"webhookInputMode\":\"payload\"").question(webhook)).isEmpty();
  }

  @Test
  void otherFlowsHaveNoWebhook() {
    assertThat(WebhookTrigger.of(FlowDraft.start().flow())).isEmpty();
  }

  private static WebhookTrigger trigger(String inputs) {
    var flow = FlowDraft.start("{\"startInputType\":\"webhookTrigger\"," + inputs + "}").flow();
    return WebhookTrigger.of(flow).orElseThrow();
  }

  private static WebhookRequest request(String method, Map<String, String> headers, String body) {
    return new WebhookRequest(method, headers, Map.of(), body.getBytes(StandardCharsets.UTF_8));
  }
}
