package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Flows that webhooks and schedules start. */
class TriggersIT {
  private final JsonMapper json = JsonMapper.shared();

  @ParameterizedTest
  @ValueSource(strings = {"main", "queue"})
  void webhooksAreAnsweredAsTheirFlowSays(String mode) throws Exception {
    try (var deployment = new Deployment(mode);
        var http = HttpClient.newHttpClient()) {
      var api = deployment.startServer();
      if (mode.equals("queue")) {
        deployment.startWorker();
      }
      var sync =
          api.createFlow(webhook("\"webhookDefaultInput\":\"for {{ $webhook.body.name }}\""));
      var answer = post(http, api, sync, "{\"name\":\"Ada\"}", Map.of());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(json.readTree(answer.body()).path("text").asString())
          .isEqualTo("for Ada: Ada [REDACTED]");

      // Only so, and only for such flows.
      var asked = api.predict(sync, "{\"question\":\"x\"}");
      assertThat(asked.statusCode()).isEqualTo(400);
      assertThat(asked.body()).contains("/api/v1/webhook/" + sync);
      var other = api.createFlow(Flows.reply("hi"));
      assertThat(post(http, api, other, "{}", Map.of()).statusCode()).isEqualTo(404);
      assertThat(api.send("PUT", "/api/v1/webhook/" + sync, "{}").statusCode()).isEqualTo(405);

      var streamed = api.createFlow(webhook("\"webhookResponseMode\":\"stream\""));
      var events = api.events(post(http, api, streamed, "{\"name\":\"Bob\"}", Map.of()).body());
      assertThat(events).anyMatch(event -> event.path("event").asString().equals("token"));
      assertThat(events.getLast().path("event").asString()).isEqualTo("end");

      signed(http, api);
      asynchronous(http, api);
    }
  }

  private void signed(HttpClient http, Api api) throws Exception {
    var flow = api.createFlow(webhook("\"webhookEnableAuth\":true"));
    var unsigned = post(http, api, flow, "{}", Map.of());
    assertThat(unsigned.statusCode()).isEqualTo(401);
    var secret =
        json.readTree(api.send("POST", "/api/v1/chatflows/" + flow + "/webhook-secret", "").body())
            .path("webhookSecret")
            .asString();
    assertThat(secret).hasSize(64);
    var signature = Map.of("X-Webhook-Signature", "sha256=" + hmac(secret, "{\"name\":\"C\"}"));
    assertThat(post(http, api, flow, "{\"name\":\"C\"}", signature).statusCode()).isEqualTo(200);
    assertThat(post(http, api, flow, "{\"name\":\"D\"}", signature).statusCode()).isEqualTo(401);
    assertThat(api.send("GET", "/api/v1/chatflows/" + flow, "").body()).doesNotContain(secret);
  }

  private void asynchronous(HttpClient http, Api api) throws Exception {
    var told = new CopyOnWriteArrayList<String>();
    var listener = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    listener.createContext(
        "/",
        exchange -> {
          var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          var signature = exchange.getRequestHeaders().getFirst("X-Flowise-Signature");
          // The first try is refused.
          var status = told.isEmpty() ? 500 : 204;
          told.add(signature + " " + body);
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    listener.start();
    try {
      var url = "http://127.0.0.1:" + listener.getAddress().getPort() + "/done";
      var flow =
          api.createFlow(
              webhook(
                  "\"webhookResponseMode\":\"async\",\"callbackSecret\":\"k\",\"callbackUrl\":\""
                      + url
                      + "\""));
      var answer = post(http, api, flow, "{\"name\":\"E\",\"chatId\":\"c1\"}", Map.of());
      assertThat(answer.statusCode()).isEqualTo(202);
      assertThat(json.readTree(answer.body()))
          .isEqualTo(json.readTree("{\"chatId\":\"c1\",\"status\":\"PROCESSING\"}"));
      await().atMost(Duration.ofSeconds(20)).until(() -> told.size() == 2);
      var body = told.get(1).substring(told.get(1).indexOf(' ') + 1);
      assertThat(told.get(1)).startsWith("sha256=" + hmac("k", body) + " ");
      assertThat(json.readTree(body).path("status").asString()).isEqualTo("SUCCESS");
      assertThat(json.readTree(body).at("/data/text").asString()).contains("E");
    } finally {
      listener.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"main", "queue"})
  void schedulesRunOnceForEachTimeWhateverRunsBesides(String mode) throws Exception {
    try (var deployment = new Deployment(mode).with("MIN_SCHEDULE_INTERVAL_SECONDS", "1")) {
      var api = deployment.startServer();
      deployment.startServer();
      if (mode.equals("queue")) {
        deployment.startWorker();
        deployment.startWorker();
      }
      var flow =
          api.createFlow(
              trigger(
                  "scheduleInput",
                  "\"scheduleType\":\"cronExpression\",\"scheduleCronExpression\":\"* * * * * *\","
                      + "\"scheduleDefaultInput\":\"tick\""));
      var logs = "/api/v1/chatflows/" + flow + "/schedule/trigger-logs?limit=100";
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> json.readTree(api.send("GET", logs, "").body()).path("total").asInt() >= 4);
      assertThat(
              api.send(
                      "PATCH",
                      "/api/v1/chatflows/" + flow + "/schedule/enabled",
                      "{\"enabled\":false}")
                  .statusCode())
          .isEqualTo(200);
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> assertThat(api.send("GET", logs, "").body()).doesNotContain("RUNNING"));
      var entries = json.readTree(api.send("GET", logs, "").body()).path("data");
      assertThat(entries.valueStream().map(entry -> entry.path("scheduledAt").asString()))
          .doesNotHaveDuplicates();
      assertThat(entries.valueStream().map(entry -> entry.path("status").asString()))
          .as(entries.toString() + deployment.logs())
          .allMatch(status -> status.equals("SUCCEEDED") || status.equals("SKIPPED"));
      var asked = api.predict(flow, "{\"question\":\"x\"}");
      assertThat(asked.statusCode()).isEqualTo(400);
      assertThat(asked.body()).contains("schedule");
      assertThat(api.send("DELETE", "/api/v1/chatflows/" + flow, "").statusCode()).isEqualTo(200);
      assertThat(api.send("GET", logs, "").statusCode()).isEqualTo(404);
    }
  }

  private ObjectNode webhook(String inputs) {
    return trigger("webhookTrigger", inputs);
  }

  /** Start → Direct Reply. */
  private ObjectNode trigger(String type, String inputs) {
    var flow =
        Flows.reply(
            "{{ question }}: {{ $webhook.body.name }} {{ $webhook.headers.authorization }}");
    var start = (ObjectNode) flow.path("nodes").get(0);
    Flows.inputs(start)
        .put("startInputType", type)
        .setAll((ObjectNode) json.readTree("{" + inputs + "}"));
    return flow;
  }

  private static HttpResponse<String> post(
      HttpClient http, Api api, String flow, String body, Map<String, String> headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(api.server().uri("/api/v1/webhook/" + flow))
            .header("Content-Type", "application/json")
            .header("Authorization", "Basic c2VjcmV0")
            .POST(BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static String hmac(String secret, String body) throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
  }
}
