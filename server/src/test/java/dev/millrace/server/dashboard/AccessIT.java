package dev.millrace.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.TestServer;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.json.JsonMapper;

/** Who gets in, who may change something, and who is kept out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessIT {
  private static final String PAUSE = "/api/queues/flowise-queue-prediction/pause";
  private static final String FORM = "application/x-www-form-urlencoded";

  private final TestServer server;

  AccessIT() throws Exception {
    // Clients are told apart by what a proxy says, so that each test is one of its own.
    server = new TestServer(Map.of("TRUST_PROXY", "true"));
  }

  @AfterAll
  void close() {
    server.close();
  }

  private HttpResponse<String> logIn(String key, String from) throws Exception {
    return server.send(
        "POST",
        "/login",
        "key=" + key + "&next=/admin/queues/job-schedulers",
        Map.of("Content-Type", FORM, "X-Forwarded-For", from));
  }

  private static String cookies(HttpResponse<String> answer) {
    return answer.headers().allValues("Set-Cookie").stream()
        .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
        .collect(Collectors.joining("; "));
  }

  private static String token(String cookies) {
    return cookies.replaceFirst(".*XSRF-TOKEN=([^;]*).*", "$1");
  }

  @Test
  void nobodySeesNothing() throws Exception {
    var page = server.send("GET", "/queue/a", "", Map.of());
    assertThat(page.statusCode()).isEqualTo(302);
    assertThat(page.headers().firstValue("Location").orElse(""))
        .endsWith("/admin/queues/login?next=%2Fadmin%2Fqueues%2Fqueue%2Fa");
    var api = server.send("GET", "/api/queues", "", Map.of());
    assertThat(api.statusCode()).isEqualTo(401);
    assertThat(api.body()).contains("ERRORS.FORBIDDEN").doesNotContain("flowise");
    assertThat(server.send("PUT", PAUSE, "", Map.of()).statusCode()).isEqualTo(401);
    var wrong = Map.of("Authorization", "Bearer wrong", "X-Forwarded-For", "9.0.0.1");
    assertThat(server.send("GET", "/api/queues", "", wrong).statusCode()).isEqualTo(401);
  }

  @Test
  void loggingInGivesACookieThatScriptsCannotReadAndOthersCannotSend() throws Exception {
    var answer = logIn(TestServer.ADMIN_KEY, "9.0.0.2");
    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location").orElse(""))
        .endsWith("/admin/queues/job-schedulers");
    assertThat(answer.headers().allValues("Set-Cookie"))
        .anySatisfy(cookie ->
            assertThat(cookie)
                .startsWith(Access.COOKIE)
                .contains("HttpOnly", "SameSite=Strict", "Path=/admin/queues")
                .doesNotContain(TestServer.ADMIN_KEY));
    var cookies = cookies(answer);
    assertThat(server.send("GET", "/api/queues", "", Map.of("Cookie", cookies)).statusCode())
        .isEqualTo(200);
    assertThat(server.send("GET", "", "", Map.of("Cookie", cookies)).body())
        .contains("__UI_CONFIG__", "<base href=\"/admin/queues/\"");
  }

  @Test
  void aSessionChangesNothingWithoutItsToken() throws Exception {
    var cookies = cookies(logIn(TestServer.ADMIN_KEY, "9.0.0.3"));
    var bare = server.send("PUT", PAUSE, "", Map.of("Cookie", cookies));
    assertThat(bare.statusCode()).isEqualTo(403);
    assertThat(bare.body()).contains("ERRORS.FORBIDDEN");
    var wrong = Map.of("Cookie", cookies, Access.TOKEN_HEADER, "x");
    assertThat(server.send("PUT", PAUSE, "", wrong).statusCode()).isEqualTo(403);
    var foreign =
        Map.of(
            "Cookie", cookies, Access.TOKEN_HEADER, token(cookies), "Origin", "http://evil.test");
    assertThat(server.send("PUT", PAUSE, "", foreign).statusCode()).isEqualTo(403);
    assertThat(server.queue("flowise-queue-prediction").isPaused()).isFalse();
    var right = Map.of("Cookie", cookies, Access.TOKEN_HEADER, token(cookies));
    assertThat(server.send("PUT", PAUSE, "", right).statusCode()).isEqualTo(200);
    assertThat(server.queue("flowise-queue-prediction").isPaused()).isTrue();
    server.queue("flowise-queue-prediction").resume();
  }

  @Test
  void aViewerLooksAndChangesNothing() throws Exception {
    var bearer = Map.of("Authorization", "Bearer " + TestServer.VIEWER_KEY);
    var list = server.send("GET", "/api/queues", "", bearer);
    var queues = JsonMapper.shared().readTree(list.body()).path("queues");
    assertThat(queues).isNotEmpty().allMatch(queue -> queue.path("readOnlyMode").asBoolean());
    for (var path : List.of(PAUSE, "/api/queues/pause", "/api/queues/x/1/clean")) {
      var refused = server.send("PUT", path, "", bearer);
      assertThat(refused.statusCode()).isEqualTo(405);
      assertThat(refused.body()).contains("ERRORS.QUEUE_READ_ONLY");
    }
    var purge = server.send("POST", "/api/metrics/history/purge", "{}", bearer);
    assertThat(purge.statusCode()).isEqualTo(405);
    var cookies = cookies(logIn(TestServer.VIEWER_KEY, "9.0.0.4"));
    var session = Map.of("Cookie", cookies, Access.TOKEN_HEADER, token(cookies));
    assertThat(server.send("PUT", PAUSE, "", session).statusCode()).isEqualTo(405);
    assertThat(server.send("GET", "", "", session).body()).contains("\"canPurgeHistory\":false");
  }

  @Test
  void keysCannotBeTriedForEver() throws Exception {
    for (var i = 0; i < LoginLimits.MOST_OF_CLIENT; i++) {
      assertThat(logIn("wrong" + i, "9.0.0.5").statusCode()).isEqualTo(401);
    }
    var blocked = logIn(TestServer.ADMIN_KEY, "9.0.0.5");
    assertThat(blocked.statusCode()).isEqualTo(429);
    assertThat(blocked.headers().firstValue("Retry-After")).contains("900");
    assertThat(logIn(TestServer.ADMIN_KEY, "9.0.0.6").statusCode()).isEqualTo(303);
  }

  @Test
  void aLinkToElsewhereIsNotFollowedAfterTheLogin() throws Exception {
    for (var next : List.of("https://evil.test", "//evil.test", "/admin/queues/..%0d%0aX: y")) {
      var answer =
          server.send(
              "POST",
              "/login",
              "key=" + TestServer.ADMIN_KEY + "&next=" + next,
              Map.of("Content-Type", FORM, "X-Forwarded-For", "9.0.0.7"));
      assertThat(answer.headers().firstValue("Location").orElse("")).endsWith("/admin/queues");
    }
  }

  @Test
  void loggingOutNeedsTheTokenAndTakesTheCookies() throws Exception {
    var cookies = cookies(logIn(TestServer.ADMIN_KEY, "9.0.0.8"));
    var form = Map.of("Cookie", cookies, "Content-Type", FORM);
    assertThat(server.send("POST", "/logout", "token=x", form).statusCode()).isEqualTo(403);
    var out = server.send("POST", "/logout", "token=" + token(cookies), form);
    assertThat(out.statusCode()).isEqualTo(303);
    assertThat(cookies(out)).contains(Access.COOKIE + "=;");
  }

  @Test
  void pagesMayAskNoOtherHost() throws Exception {
    var bearer = Map.of("Authorization", "Bearer " + TestServer.ADMIN_KEY);
    var page = server.send("GET", "", "", bearer);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "connect-src 'self'", "frame-ancestors 'self'");
    assertThat(page.body()).doesNotContain("googleapis", "gstatic");
    var script = page.body().replaceFirst("(?s).*src=\"(static/js/main[^\"]*)\".*", "$1");
    var zipped = Map.of("Accept-Encoding", "gzip");
    var file = server.send("GET", "/" + script, "", zipped);
    assertThat(file.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(file.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
    assertThat(server.send("GET", "/static/../../ServerApp.class", "", Map.of()).statusCode())
        .isIn(400, 404);
  }

  @Test
  void redisMayGoAndComeBack() throws Exception {
    try (var own = new TestServer(Map.of("TRUST_PROXY", "false"))) {
      assertThat(own.send("GET", "/api/queues", "").statusCode()).isEqualTo(200);
      own.redis().kill();
      await()
          .untilAsserted(() -> {
            var answer = own.send("GET", "/api/queues", "");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("ERRORS.REDIS_UNAVAILABLE");
          });
      var bearer = Map.of("Authorization", "Bearer " + TestServer.ADMIN_KEY);
      assertThat(own.send("GET", "", "", bearer).statusCode()).isEqualTo(200);
      own.redis().restart();
      await()
          .untilAsserted(
              () -> assertThat(own.send("GET", "/api/queues", "").statusCode()).isEqualTo(200));
    }
  }

  @Test
  void withoutAQueueThePageSaysHowToGetOne() throws Exception {
    try (var own = new TestServer(Map.of("MODE", "main"))) {
      var page = own.send("GET", "", "", Map.of());
      assertThat(page.statusCode()).isEqualTo(404);
      assertThat(page.body()).contains("MODE=queue", "bin/start-worker");
    }
  }

  @Test
  void itIsServedOnlyWhenItIsWanted() throws Exception {
    try (var own = new TestServer(Map.of("ENABLE_BULLMQ_DASHBOARD", "false"))) {
      assertThat(own.send("GET", "", "").statusCode()).isEqualTo(404);
      assertThat(own.send("GET", "", "").body()).contains("not found");
    }
  }
}
