package dev.millrace.flows.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.script.ScriptSandbox.Script;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.StringNode;

final class GraalSandboxTest {
  private static final GraalSandbox SANDBOX = new GraalSandbox(ScriptLimits.DEFAULT);

  @AfterAll
  static void close() {
    SANDBOX.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "return 1 + 2 | 3",
        "return 'text' | \"text\"",
        "return null | null",
        "return { a: [1, undefined, 'x'] } | {\"a\":[1,null,\"x\"]}",
        "const v = await Promise.resolve(4); return v * 2 | 8",
        "return new Date(0) | \"1970-01-01T00:00:00.000Z\"",
        "return 10n ** 20n | \"100000000000000000000\"",
        "return ' {\"a\": 1} ' | {\"a\":1}",
        "return \"{a: 'one', /* c */ b: [.5, +2,],}\" | {\"a\":\"one\",\"b\":[0.5,2]}",
        "return '{{ not json }}' | \"{{ not json }}\"",
        "return '[1, 2' | \"[1, 2\"",
        "return typeof console.log + typeof setTimeout | \"functionfunction\"",
        "await new Promise(r => setTimeout(r, 20)); return 'late' | \"late\"",
        "let n = 0; const t = setInterval(() => n++, 2); await new Promise(r => setTimeout(r, 50)); clearInterval(t); return n > 2 | true",
        "return 5 // a comment at the end | 5",
      })
  void returnsWhatTheScriptReturned(String code, String expected) {
    var result = run(code);

    assertThat(result.toString()).isEqualTo(expected);
  }

  @Test
  void undefinedIsMissingAndNullIsNull() {
    assertThat(run("return undefined").isMissingNode()).isTrue();
    assertThat(run("").isMissingNode()).isTrue();
    assertThat(run("return () => 1").isMissingNode()).isTrue();
    assertThat(run("return null").isNull()).isTrue();
  }

  @Test
  void scriptsSeeTheirGlobals() {
    var flow =
        JsonMapper.shared().readTree("{\"state\":{\"n\":2},\"__proto__\":{\"polluted\":true}}");

    var result =
        SANDBOX.run(
            new Script(
                "const $input2 = $input; return [$input2, $flow.state.n, typeof $gone, ({}).polluted]",
                Map.of(
                    "$input", StringNode.valueOf("hi"),
                    "$flow", flow,
                    "$gone", MissingNode.getInstance())),
            Cancellation.none());

    assertThat(result.toString()).isEqualTo("[\"hi\",2,\"undefined\",null]");
  }

  @Test
  void whatAScriptChangesIsGoneAfterwards() {
    run(
        "globalThis.kept = 1; Object.prototype.kept = 2; Array.prototype.map = null; JSON.stringify = null");

    assertThat(run("return [typeof kept, ({}).kept, [1].map(x => x + 1)]").toString())
        .isEqualTo("[\"undefined\",null,[2]]");
  }

  @Test
  void errorsCarryTheScriptsWords() {
    assertThatThrownBy(() -> run("throw new Error('boom')"))
        .isInstanceOf(ScriptException.class)
        .hasMessage("Error: boom");
    assertThatThrownBy(() -> run("null.x")).hasMessageStartingWith("TypeError: ");
    assertThatThrownBy(() -> run("await Promise.reject('no')")).hasMessage("no");
    assertThatThrownBy(
            () -> run("setTimeout(() => { throw new Error('t') }, 1); await new Promise(() => {})"))
        .hasMessage("Error: t");
    assertThatThrownBy(() -> run("return ((")).hasMessageContaining("SyntaxError");
  }

  @Test
  void resultsThatAreNotJsonAreErrors() {
    assertThatThrownBy(() -> run("const a = {}; a.a = a; return a"))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("the result cannot be written as JSON");
    assertThatThrownBy(() -> run("return 'x'.repeat(20 * 1024 * 1024)"))
        .hasMessageContaining("characters of JSON");
  }

  @Test
  void aPromiseThatNothingResolvesIsAnError() {
    assertThatThrownBy(() -> run("await new Promise(() => {})"))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("a promise that nothing will ever resolve");
  }

  @Test
  void whatIsMissingSaysSo() {
    assertThatThrownBy(() -> run("const fs = require('fs')"))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("require('fs') is not available: ");
    assertThatThrownBy(() -> run("await fetch('http://example.com')"))
        .hasMessageContaining("functions have no network here");
  }

  @Test
  void manyScriptsRunAtOnceWithoutMeeting() throws Exception {
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var results =
          IntStream.range(0, 200)
              .mapToObj(
                  i -> callers.submit(() -> run("globalThis.x = " + i + "; await 1; return x")))
              .toList();

      for (var i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get().asInt()).isEqualTo(i);
      }
    }
  }

  private static JsonNode run(String code) {
    return SANDBOX.run(new Script(code, Map.of()), Cancellation.none());
  }
}
