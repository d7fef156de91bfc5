package dev.millrace.flows.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import okhttp3.Dns;
import okio.Buffer;
import okio.ByteString;
import okio.GzipSink;
import okio.Okio;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GuardedHttpTest {
  private static final FetchLimits QUICK =
      new FetchLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          Duration.ofSeconds(3),
          10_000,
          5);

  private final MockWebServer server = new MockWebServer();
  private final GuardedHttp open =
      new GuardedHttp(AddressPolicy.strictBut("127.0.0.1", "localhost"), QUICK);

  @BeforeEach
  void start() throws Exception {
    server.start(InetAddress.getByName("127.0.0.1"), 0);
  }

  @AfterEach
  void stop() {
    server.close();
    open.close();
  }

  @Test
  void everyStatusIsAnAnswer() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .code(503)
            .status("HTTP/1.1 503 Busy")
            .addHeader("X-Two", "a")
            .addHeader("x-two", "b")
            .body("later")
            .build());

    var response =
        open.fetch(
            request("POST", url("/p"), List.of(Map.entry("X-Key", "k")), "hi"),
            Cancellation.none());

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.statusText()).isEqualTo("Busy");
    assertThat(response.headers()).containsEntry("x-two", "a, b");
    assertThat(new String(response.body(), UTF_8)).isEqualTo("later");
    var sent = server.takeRequest();
    assertThat(sent.getHeaders().get("X-Key")).isEqualTo("k");
    assertThat(sent.getHeaders().get("Content-Type")).isEqualTo("text/plain");
    assertThat(sent.getBody()).isEqualTo(ByteString.encodeUtf8("hi"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:%d/",
        "http://localhost:%d/",
        "http://2130706433:%d/",
        "http://127.1:%d/",
        "http://0177.0.0.1:%d/",
        "http://0x7f000001:%d/",
        "http://0x7f.0.0.1:%d/",
        "http://[::1]:%d/",
        "http://[::ffff:127.0.0.1]:%d/",
        "http://[::ffff:7f00:1]:%d/",
        "http://[::127.0.0.1]:%d/",
        "http://0.0.0.0:%d/",
        "http://0:%d/",
        "http://127.0.0.1.:%d/"
      })
  void noSpellingOfLoopbackPasses(String url) {
    try (var guarded = new GuardedHttp(AddressPolicy.strict(), QUICK)) {
      assertThatThrownBy(
              () -> guarded.fetch(get(url.formatted(server.getPort())), Cancellation.none()))
          .isInstanceOf(FetchException.class);
    }

    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void aRefusalSaysWhatToDo() {
    try (var guarded = new GuardedHttp(AddressPolicy.strict(), QUICK)) {
      assertThatThrownBy(() -> guarded.fetch(get(url("/secret?key=1")), Cancellation.none()))
          .hasMessageContaining("GET http://127.0.0.1:" + server.getPort() + "/secret: ")
          .hasMessageContaining("loopback address")
          .hasMessageContaining("HTTP_ALLOW_LIST")
          .hasMessageNotContaining("key=1");
    }
  }

  @Test
  void aNameThatAnswersDifferentlyTheSecondTimeIsCaught() throws Exception {
    var lookups = new AtomicInteger();
    Dns rebinding =
        name ->
            List.of(
                InetAddress.getByAddress(
                    name,
                    lookups.getAndIncrement() == 0
                        ? new byte[] {127, 0, 0, 1}
                        : new byte[] {10, 0, 0, 1}));
    server.enqueue(new MockResponse.Builder().addHeader("Connection", "close").build());
    try (var http = new GuardedHttp(AddressPolicy.strictBut("127.0.0.1"), QUICK, rebinding)) {
      var url = "http://rebind.example:" + server.getPort() + "/";

      assertThat(http.fetch(get(url), Cancellation.none()).status()).isEqualTo(200);
      assertThatThrownBy(() -> http.fetch(get(url), Cancellation.none()))
          .hasMessageContaining("10.0.0.1: private address");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://169.254.169.254/latest/", "http://10.0.0.1/", "http://[fd00::1]/"})
  void redirectsIntoTheOwnNetworkAreRefused(String target) {
    server.enqueue(redirect(302, target));

    assertThatThrownBy(() -> open.fetch(get(url("/")), Cancellation.none()))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("is refused");
  }

  @ParameterizedTest
  @CsvSource({
    "301,POST,GET",
    "302,PUT,GET",
    "303,PATCH,GET",
    "307,POST,POST",
    "308,PUT,PUT",
    "302,DELETE,DELETE"
  })
  void redirectsChangeTheMethodAsFlowiseDoes(int status, String method, String next)
      throws Exception {
    server.enqueue(redirect(status, "/there"));
    server.enqueue(new MockResponse.Builder().body("ok").build());

    open.fetch(request(method, url("/"), List.of(), "body"), Cancellation.none());

    server.takeRequest();
    var second = server.takeRequest();
    assertThat(second.getMethod()).isEqualTo(next);
    assertThat(second.getUrl().encodedPath()).isEqualTo("/there");
    assertThat(second.getHeaders().get("Content-Type"))
        .isEqualTo(next.equals("GET") ? null : "text/plain");
  }

  @Test
  void keysDoNotFollowToAnotherHost() throws Exception {
    server.enqueue(redirect(302, "/same"));
    server.enqueue(redirect(307, "http://localhost:" + server.getPort() + "/other"));
    server.enqueue(new MockResponse.Builder().build());

    open.fetch(
        request(
            "GET",
            url("/"),
            List.of(
                Map.entry("X-My-Key", "k"),
                Map.entry("Authorization", "b"),
                Map.entry("Accept", "a/b")),
            null),
        Cancellation.none());

    server.takeRequest();
    assertThat(server.takeRequest().getHeaders().get("X-My-Key")).isEqualTo("k");
    var other = server.takeRequest().getHeaders();
    assertThat(other.get("X-My-Key")).isNull();
    assertThat(other.get("Authorization")).isNull();
    assertThat(other.get("Accept")).isEqualTo("a/b");
  }

  @Test
  void redirectsEndAtTheFifth() {
    for (var i = 0; i < 6; i++) {
      server.enqueue(redirect(302, "/" + i));
    }

    assertThatThrownBy(() -> open.fetch(get(url("/")), Cancellation.none()))
        .hasMessageContaining("more than 5 times");
    assertThat(server.getRequestCount()).isEqualTo(6);
  }

  @Test
  void largeAnswersAreRefusedCompressedOnesToo() {
    server.enqueue(new MockResponse.Builder().body("x".repeat(10_001)).build());
    server.enqueue(new MockResponse.Builder().chunkedBody("x".repeat(10_001), 100).build());
    var gzip = new Buffer();
    try (var packed = Okio.buffer(new GzipSink(gzip))) {
      packed.writeUtf8("x".repeat(1_000_000));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    server.enqueue(
        new MockResponse.Builder().body(gzip).addHeader("Content-Encoding", "gzip").build());

    for (var i = 0; i < 3; i++) {
      assertThatThrownBy(() -> open.fetch(get(url("/big")), Cancellation.none()))
          .hasMessageContaining("more than 10000 bytes");
    }
  }

  @Test
  void silenceEndsInAnError() {
    server.enqueue(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE).build());

    assertThatThrownBy(() -> open.fetch(get(url("/")), Cancellation.none()))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("did not answer in time");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://example.com/", "file:///etc/passwd", "/relative", "http://"})
  void onlyAbsoluteHttpIsFetched(String url) {
    assertThatThrownBy(() -> open.fetch(get(url), Cancellation.none()))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("not an absolute http or https address");
  }

  @Test
  void aBadHeaderIsNamedWithoutItsValue() {
    assertThatThrownBy(() ->
            open.fetch(
                request("GET", url("/"), List.of(Map.entry("X-Key", "se\ncret")), null),
                Cancellation.none()))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("'X-Key'")
        .hasMessageNotContaining("cret");
  }

  @Test
  void cancellationEndsAFetchWithin100Ms() throws Exception {
    server.enqueue(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE).build());
    var patient =
        new FetchLimits(
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            10,
            5);
    try (var http = new GuardedHttp(AddressPolicy.strictBut("127.0.0.1"), patient)) {
      assertCancelled(http, url("/"), () -> server.takeRequest());
    }
  }

  @Test
  void cancellationEndsALookupWithin100Ms() throws Exception {
    var asked = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    Dns silent =
        name -> {
          asked.countDown();
          try {
            never.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new UnknownHostException(name);
        };
    var patient =
        new FetchLimits(
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            10,
            5);
    try (var http = new GuardedHttp(AddressPolicy.strict(), patient, silent)) {
      assertCancelled(http, "http://slow.example/", () -> asked.await(5, TimeUnit.SECONDS));
    } finally {
      never.countDown();
    }
  }

  private static void assertCancelled(GuardedHttp http, String url, Callable<?> underWay)
      throws Exception {
    var cancellation = new Cancellation();
    var ended = new CompletableFuture<RuntimeException>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            http.fetch(get(url), cancellation);
          } catch (RuntimeException e) {
            ended.complete(e);
          }
        });
    underWay.call();

    var begin = System.nanoTime();
    cancellation.cancel("aborted by a test");

    assertThat(ended.get(5, TimeUnit.SECONDS))
        .isInstanceOf(FlowCancelledException.class)
        .hasMessage("aborted by a test");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(100));
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getPort() + path;
  }

  private static MockResponse redirect(int status, String location) {
    return new MockResponse.Builder().code(status).addHeader("Location", location).build();
  }

  private static HttpFetcher.Request get(String url) {
    return request("GET", url, List.of(), null);
  }

  private static HttpFetcher.Request request(
      String method, String url, List<Map.Entry<String, String>> headers, @Nullable String body) {
    return new HttpFetcher.Request(
        method,
        url,
        headers,
        body == null ? null : body.getBytes(UTF_8),
        body == null ? null : "text/plain");
  }
}
