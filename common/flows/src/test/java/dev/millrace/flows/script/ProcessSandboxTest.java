package dev.millrace.flows.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.script.ScriptSandbox.Script;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.StringNode;

/** Scripts in a process of their own; what they see is tested where there is none. */
final class ProcessSandboxTest {
  private static final ProcessSandbox SANDBOX =
      new ProcessSandbox(
          new ScriptLimits(
              Duration.ofSeconds(20), Duration.ofSeconds(3), 0, 2_000, 1 << 20, 1 << 20, 1),
          128,
          (request, cancellation) ->
              new HttpFetcher.Response(
                  200,
                  "OK",
                  Map.of("x", request.headers().toString()),
                  request.url().getBytes(StandardCharsets.UTF_8)));

  @AfterAll
  static void close() {
    SANDBOX.close();
  }

  @Test
  void runsWhatTheOtherRuns() {
    var globals =
        Map.<String, JsonNode>of(
            "$input", StringNode.valueOf("ü"), "$gone", MissingNode.getInstance());
    assertThat(
            SANDBOX
                .run(
                    new Script("return [$input, typeof $gone, 1 + 1]", globals),
                    Cancellation.none())
                .toString())
        .isEqualTo("[\"ü\",\"undefined\",2]");
    assertThat(run("").isMissingNode()).isTrue();
    assertThat(run("return null").isNull()).isTrue();
    assertThatThrownBy(() -> run("throw new Error('boom')"))
        .isInstanceOf(ScriptException.class)
        .hasMessage("Error: boom");
    assertThat(run("return await (await fetch('http://h/p')).text()").asString())
        .isEqualTo("http://h/p");
  }

  @Test
  void aProcessThatDiesTakesOnlyItsScript() {
    assertThatThrownBy(() -> run("while (true) {}"))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("limit");
    assertThatThrownBy(() -> run("const q = []; while (true) q.push(new Array(100000).fill(1))"))
        .isInstanceOf(ScriptException.class);
    assertThat(run("return 'still here'").asString()).isEqualTo("still here");
  }

  @Test
  void cancellationKillsTheProcess() throws Exception {
    run("return 1");
    var cancellation = new Cancellation();
    var ended = new CompletableFuture<Throwable>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            SANDBOX.run(
                new Script("await new Promise(r => setTimeout(r, 60000))", Map.of()), cancellation);
          } catch (RuntimeException e) {
            ended.complete(e);
          }
        });
    assertThatThrownBy(() -> ended.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    var begin = System.nanoTime();
    cancellation.cancel("enough");

    assertThat(ended.get(5, TimeUnit.SECONDS)).isInstanceOf(FlowCancelledException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(500));
    assertThat(run("return 2").asInt()).isEqualTo(2);
  }

  private static JsonNode run(String code) {
    return SANDBOX.run(new Script(code, Map.of()), Cancellation.none());
  }
}
