package dev.millrace.flows.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.script.ScriptSandbox.Script;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What hostile scripts try. */
final class SandboxEscapeTest {
  private static final GraalSandbox SANDBOX =
      new GraalSandbox(
          new ScriptLimits(
              Duration.ofSeconds(4), Duration.ofMillis(500), 0, 2_000, 1 << 20, 1 << 20, 4));

  @AfterAll
  static void close() {
    SANDBOX.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Java",
        "Polyglot",
        "Packages",
        "java",
        "javax",
        "Graal",
        "load",
        "loadWithNewGlobal",
        "print",
        "printErr",
        "quit",
        "exit",
        "process",
        "child_process",
        "fs",
        "util",
        "module",
        "importPackage",
        "WebAssembly",
        "SharedArrayBuffer",
        "Atomics",
        "performance",
        "read",
        "readFully",
        "$EXEC"
      })
  void hostGlobalsAreAbsent(String name) {
    assertThat(run("return typeof " + name).asString()).isEqualTo("undefined");
    assertThat(run("return typeof globalThis['" + name + "']").asString()).isEqualTo("undefined");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "return Java.type('java.lang.System').exit(1)",
        "return Polyglot.eval('js', '1')",
        "return eval('1')",
        "return new Function('return this')()",
        "return [].constructor.constructor('return process')()",
        "return (async () => {}).constructor('return 1')()",
        "return (function* () {}).constructor('yield 1')()",
        "return require('fs')",
        "return require('child_process')",
        "const m = await import('fs'); return m",
        "return this.constructor.constructor('return this')().process.env",
        "return arguments.callee.caller.constructor('return 1')()",
        "return console.log.constructor('return Java')()",
        "return setTimeout.constructor('return Java')()",
        "return require.__proto__.constructor('return Java')()",
        "return fetch.constructor('return 1')()",
        "return require('crypto').createHash.constructor('return 1')()",
        "return Reflect.construct(Function, ['return 1'])()",
        "return new (Object.getPrototypeOf(async function* () {}).constructor)('yield 1')",
        "return setTimeout('1 + 1', 1)",
        "return await import('node:fs')",
        "return require('../../../etc/passwd')",
        "return require('__proto__').x",
        "return require('constructor')('return 1')()",
        "return require({ toString: () => 'fs' })",
        "return Buffer.from('x').constructor.constructor('return Java')()",
        "return globalThis.Java.type('java.lang.Runtime')",
      })
  void waysToTheHostEndInAnError(String code) {
    assertThatThrownBy(() -> run(code)).isInstanceOf(ScriptException.class);
  }

  @Test
  void noHostObjectIsReachable() {
    var walk =
        """
        const seen = new Set(); const found = [];
        (function walk(o, path) {
          if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) return;
          seen.add(o);
          if (typeof o.getClass === 'function') found.push(path);
          for (const k of Reflect.ownKeys(o)) {
            try { walk(o[k], path + '.' + String(k)) } catch (e) {}
          }
          walk(Object.getPrototypeOf(o), path + '.__proto__');
        })(globalThis, 'globalThis');
        return { found, enough: seen.size > 500 };
        """;

    assertThat(run(walk).toString()).isEqualTo("{\"found\":[],\"enough\":true}");
  }

  @Test
  void tamperedBuiltInsFoolOnlyTheScript() {
    assertThat(
            run("""
            Promise.prototype.then = function (f) { f('forged') };
            Object.defineProperty(Object.prototype, 'toJSON', { value() { return 'tampered' } });
            Reflect.apply = () => 'forged';
            return { a: 1 };
            """)
                .asString())
        .isEqualTo("tampered");
    assertThat(
            run("Object.prototype.__proto__ = null; ({}).__proto__.x = 1; return ({}).x").asInt())
        .isEqualTo(1);
    assertThat(run("return ({}).x").isMissingNode()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while (true) {}",
        "for (;;) { try { while (true) {} } finally { continue } }",
        "for (;;) await 1",
        "(function f() { f() })()",
        "function f() { try { f() } catch (e) { f() } } f(); while (true) {}",
        "const p = new Proxy({}, { get: (t, k, r) => r[k] }); return p.x",
        "let s = ''; while (true) s += 'x'.repeat(100)",
        "for (;;) console.log('x'.repeat(1000))",
        "return 'x'.repeat(2 ** 30)",
        "return new ArrayBuffer(2 ** 40)",
        "return new Array(2 ** 32 - 1).fill(0)",
        "setInterval(() => {}, 1); await new Promise(() => {})",
        "return JSON.parse('['.repeat(1e6))",
        "let a = []; for (;;) a = [a, a]",
        "return require('crypto').randomBytes(1e9)",
        "return Buffer.alloc(2 ** 40)",
        "const c = require('crypto'); for (;;) c.createHash('sha256').update('x').digest()",
        "throw { toString() { while (true) {} } }",
        "return { toJSON() { while (true) {} } }",
        "return new Proxy({}, { ownKeys() { while (true) {} } })",
        "(function f() { Promise.resolve().then(f) })(); await new Promise(() => {})",
        "const E = require('events'); const e = new E(); e.on('x', () => e.emit('x')); e.emit('x')",
        "class A { constructor() { return new A() } } new A()",
        "const o = {}; o.o = o; return o",
        "let x = 1n; for (;;) x = x * x + 7n",
        "for (const k = [1]; ; ) for (const i of k) k.push(i)",
      })
  void runawaysEnd(String code) {
    var begin = System.nanoTime();

    assertThatThrownBy(() -> run(code)).isInstanceOf(ScriptException.class);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(12));
    assertThat(run("return 1").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "return /^(a+)+$/.test('a'.repeat(50) + 'b')",
        "return /(x+x+)+y/.test('x'.repeat(100))",
        "return /^(([a-z])+.)+[A-Z]([a-z])+$/.test('a'.repeat(100))",
        "return /(a*)*\\\\1b/.test('a'.repeat(40))",
        "return /^(?:(a+)\\\\1?)+$/.test('a'.repeat(45) + 'b')",
        "return /(?=(a+))*b/.test('a'.repeat(5000))",
        "return 'a'.repeat(30000).split(/(?:a|aa)+$/).length > 1e9",
        "return /((a{0,20}){0,20}){0,20}c/.test('a'.repeat(200))",
      })
  void regularExpressionsThatExplodeAreStoppedOrSolved(String code) {
    var begin = System.nanoTime();
    try {
      assertThat(run(code).asBoolean()).isFalse();
    } catch (ScriptException e) {
      assertThat(e).hasMessageContaining("limit");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(6));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "const q = []; while (true) q.push(new Array(100000).fill(1))",
        "const q = []; while (true) q.push('x'.repeat(1e6) + q.length)",
        "const q = []; while (true) q.push(new ArrayBuffer(1e7))",
        "const o = {}; for (let i = 0; ; i++) o['k' + i] = { i }",
        "return Array.from({ length: 1e9 })",
        "return [...Array(1e8).keys()].length",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, [i])",
        "return 'x'.repeat(1 << 20).repeat(900).split('').length",
      })
  void memoryBombsAreDefusedBeforeTheProcessSuffers(String code) {
    var begin = System.nanoTime();

    assertThatThrownBy(() -> run(code)).isInstanceOf(ScriptException.class);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(12));
    assertThat(run("return Array(1e5).fill('y').join('').length").asInt()).isEqualTo(100_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while (true) {}",
        "await new Promise(r => setTimeout(r, 60000))",
        "for (;;) await 1",
        "for (;;) { try { while (true) {} } catch (e) {} }",
        "for (;;) Array(1e6).fill(1).map(x => x + 1).sort()",
      })
  void cancellationEndsAScriptWithin100Ms(String code) throws Exception {
    run("return 0"); // the engine's start is not what is measured
    var cancellation = new Cancellation();
    var entered = new CompletableFuture<Void>();
    var ended = new CompletableFuture<Throwable>();
    Thread.ofVirtual()
        .start(() -> {
          entered.complete(null);
          try {
            SANDBOX.run(new Script(code, Map.of()), cancellation);
          } catch (RuntimeException e) {
            ended.complete(e);
          }
        });
    entered.get();
    assertThatThrownBy(() -> ended.get(200, TimeUnit.MILLISECONDS)) // it is well under way
        .isInstanceOf(TimeoutException.class);

    var begin = System.nanoTime();
    cancellation.cancel("aborted by a test");
    var failure = ended.get(5, TimeUnit.SECONDS);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(100));
    assertThat(failure).isInstanceOf(FlowCancelledException.class).hasMessage("aborted by a test");
  }

  @Test
  void statementsCanBeCounted() {
    try (var counting =
        new GraalSandbox(
            new ScriptLimits(
                Duration.ofSeconds(8), Duration.ofSeconds(5), 10_000, 500, 1 << 20, 1 << 20, 1))) {
      assertThatThrownBy(() ->
              counting.run(
                  new Script("for (let i = 0; i < 1e6; i++) { i % 2 }", Map.of()),
                  Cancellation.none()))
          .isInstanceOf(ScriptException.class)
          .hasMessageContaining("statement");
    }
  }

  private static JsonNode run(String code) {
    return SANDBOX.run(new Script(code, Map.of()), Cancellation.none());
  }
}
