package dev.millrace.flows.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.net.FetchException;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.script.ScriptSandbox.Script;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What scripts may require, and how they reach the network. */
final class ScriptModulesTest {
  private final List<HttpFetcher.Request> requests = new CopyOnWriteArrayList<>();
  private HttpFetcher fetcher = this::echo;
  private final GraalSandbox sandbox =
      new GraalSandbox(
          ScriptLimits.DEFAULT.withWall(Duration.ofSeconds(10)),
          (request, cancellation) -> fetcher.fetch(request, cancellation));

  @AfterEach
  void close() {
    sandbox.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "return require('crypto').createHash('sha256').update('a').update('bc').digest('hex') | ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "return require('node:crypto').createHmac('sha256', 'key').update('The quick brown fox jumps over the lazy dog').digest('hex') | f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
        "return require('crypto').randomUUID().length | 36",
        "return Buffer.from('grüß').toString('base64') | Z3LDvMOf",
        "return Buffer.from('Z3LDvMOf', 'base64').toString() | grüß",
        "return Buffer.from('ff00', 'hex').toString('hex') | ff00",
        "return btoa('hi') + atob('aGk=') | aGk=hi",
        "return new URL('/a?b=c%20d#e', 'https://x.org:81/z').href | https://x.org:81/a?b=c+d#e",
        "return new URLSearchParams({ a: 'ü', b: '1 2' }).toString() | a=%C3%BC&b=1+2",
        "return require('querystring').parse('a=1&b=%26').b | &",
        "return require('path').join('/a/b', '../c.txt') | /a/c.txt",
        "return require('path').extname('x/y.tar.gz') | .gz",
        "const E = require('events'); const e = new E(); let n = 0; e.on('x', (v) => n += v); e.emit('x', 4); return n | 4",
        "const z = require('zlib'); return z.gunzipSync(z.gzipSync('grüß'.repeat(999))).toString().length | 3996",
        "const z = require('zlib'); return z.inflateSync(z.deflateSync('ab')).toString() + z.inflateRawSync(z.deflateRawSync('cd')) | abcd",
        "return require('zlib').gunzipSync(Buffer.from('H4sIAAAAAAACA8tIzcnJBwCGphA2BQAAAA==', 'base64')).toString() | hello",
        "return await new Promise((r) => require('zlib').gunzip('nonsense', (e) => r(e.message))) | incorrect header check",
        "try { require('assert').strictEqual(1, 2) } catch (e) { return e.message } | 1 !== 2",
      })
  void modulesDoWhatNodesDo(String code, String expected) {
    assertThat(run(code).asString()).isEqualTo(expected);
  }

  @Test
  void fetchSendsAndReads() {
    var result =
        run(
            "const r = await fetch('http://h/p', { method: 'POST', body: JSON.stringify({ a: 1 }),"
                + " headers: { 'Content-Type': 'application/json', 'X-A': 'b' } });"
                + " return [r.ok, r.status, r.headers.get('X-B'), await r.json()]");

    assertThat(result.toString()).isEqualTo("[true,200,\"c\",{\"echo\":\"{\\\"a\\\":1}\"}]");
    var request = requests.getFirst();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.headers())
        .containsExactlyInAnyOrder(
            Map.entry("content-type", "application/json"), Map.entry("x-a", "b"));
  }

  @Test
  void axiosNeverRejectsForAStatus() {
    fetcher = (request, cancellation) -> answer(404, "{\"gone\":true}");
    var result =
        run(
            "const axios = require('axios'); const r = await axios.get('http://h/p',"
                + " { params: { q: 'a b' } }); return [r.status, r.data.gone]");

    assertThat(result.toString()).isEqualTo("[404,true]");
  }

  @Test
  void axiosSendsWhatItIsGiven() {
    run(
        "const axios = require('axios'); await axios.post('http://h/p', { a: 1 },"
            + " { auth: { username: 'u', password: 'p' } });"
            + " await axios({ url: '/x', baseURL: 'http://h/', method: 'put', data: 'raw' });"
            + " const FormData = require('form-data'); const f = new FormData();"
            + " f.append('file', Buffer.from('ff', 'hex'), 'a.bin');"
            + " await axios.post('http://h/f', f);");

    assertThat(requests.get(0).headers()).containsExactly(Map.entry("authorization", "Basic dTpw"));
    assertThat(requests.get(0).contentType()).isEqualTo("application/json");
    assertThat(requests.get(1).method()).isEqualToIgnoringCase("PUT");
    assertThat(requests.get(1).url()).isEqualTo("http://h/x");
    assertThat(requests.get(2).contentType()).startsWith("multipart/form-data; boundary=");
    assertThat(requests.get(2).body()).contains((byte) 0xff);
  }

  @Test
  void bytesComeAsTheyAre() {
    fetcher =
        (request, cancellation) ->
            new HttpFetcher.Response(200, "OK", Map.of(), new byte[] {(byte) 0xff, 0, 1});

    assertThat(
            run("const r = await fetch('http://h'); return (await r.buffer()).toString('hex')")
                .asString())
        .isEqualTo("ff0001");
  }

  @Test
  void requestsRunSideBySide() {
    var all = new CountDownLatch(5);
    fetcher =
        (request, cancellation) -> {
          all.countDown();
          awaitQuietly(all);
          return answer(200, "1");
        };

    assertThat(
            run("return (await Promise.all([1,2,3,4,5].map(() => fetch('http://h'))))"
                    + ".filter(r => r.ok).length")
                .asInt())
        .isEqualTo(5);
  }

  @Test
  void refusedHostsAreErrorsThatTheScriptCanCatch() {
    fetcher =
        (request, cancellation) -> {
          throw new FetchException("the host is refused", null);
        };

    assertThat(run("try { await fetch('http://127.0.0.1') } catch (e) { return e.message }"))
        .hasToString("\"fetch failed: the host is refused\"");
    assertThatThrownBy(() -> run("await require('axios').get('http://127.0.0.1')"))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("the host is refused");
  }

  @Test
  void tooManyRequestsAreRefused() {
    assertThatThrownBy(
            () -> run("await Promise.all(Array.from({ length: 50 }, () => fetch('http://h')))"))
        .hasMessageContaining("16 requests at a time");
    assertThatThrownBy(() -> run("for (;;) await fetch('http://h')"))
        .hasMessageContaining("500 in all");
  }

  @Test
  void scriptsCannotChooseTheHostHeader() {
    run("await fetch('http://h', { headers: { Host: 'metadata', 'Content-Length': '1' } })");

    assertThat(requests.getFirst().headers()).isEmpty();
  }

  @Test
  void cancellationEndsARequest() throws Exception {
    var cancellation = new Cancellation();
    var sent = new CompletableFuture<Cancellation>();
    fetcher =
        (request, own) -> {
          sent.complete(own);
          var cancelled = new CountDownLatch(1);
          try (var _ = own.onCancel(cancelled::countDown)) {
            awaitQuietly(cancelled);
          }
          throw new FlowCancelledException("cancelled");
        };
    var ended = new CompletableFuture<Throwable>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            sandbox.run(new Script("await fetch('http://h')", Map.of()), cancellation);
          } catch (RuntimeException e) {
            ended.complete(e);
          }
        });
    var own = sent.get(5, TimeUnit.SECONDS);

    cancellation.cancel("enough");

    assertThat(ended.get(1, TimeUnit.SECONDS)).hasMessage("enough");
    assertThat(own.isCancelled()).isTrue();
  }

  @Test
  void tamperingReachesNothing() {
    var count = new AtomicInteger();
    fetcher =
        (request, cancellation) -> {
          count.incrementAndGet();
          return answer(200, "1");
        };
    assertThat(
            run("""
            const seen = [];
            Map.prototype.set = function (...a) { seen.push(typeof a[1]); };
            Function.prototype.call = function (...a) { seen.push('call'); };
            Function.prototype.apply = function (...a) { seen.push('apply'); };
            Array.prototype.push = function (v) { this[this.length] = v; return this.length; };
            Object.assign = (...a) => { seen.push(typeof a[1]); return a[0]; };
            try { await fetch('http://h'); } catch (e) {}
            try { new URL('http://h'); } catch (e) {}
            return seen.includes('function') ? 'a function came by' : 'nothing';
            """)
                .asString())
        .isEqualTo("nothing");
  }

  private JsonNode run(String code) {
    return sandbox.run(new Script(code, Map.of()), Cancellation.none());
  }

  private HttpFetcher.Response echo(HttpFetcher.Request request, Cancellation cancellation) {
    requests.add(request);
    byte[] body = request.body();
    var text = body == null ? "" : new String(body, StandardCharsets.UTF_8);
    var answer = tools.jackson.databind.json.JsonMapper.shared().createObjectNode();
    return answer(200, answer.put("echo", text).toString());
  }

  private static HttpFetcher.Response answer(int status, String body) {
    return new HttpFetcher.Response(
        status, "", Map.of("x-b", "c"), body.getBytes(StandardCharsets.UTF_8));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      if (!latch.await(5, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody came");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
