package dev.millrace.flows.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.net.HttpFetcher;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.SandboxPolicy;
import org.graalvm.polyglot.Source;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs scripts with GraalJS: one engine, which is made at the first script, and a fresh context for
 * each run. Scripts see {@code $}-globals, the language, {@code console}, timers, a few modules of
 * our own and {@code fetch}, which goes through the guarded client; no host, no packages, no {@code
 * eval}.
 *
 * <p>Scripts run on platform threads of their own: a script that computes would keep a virtual
 * thread's carrier busy, and with it whatever else the process has to do in time.
 *
 * <p>Time, stack, output and result are limited by the engine, memory only by {@link HeapWatch}: a
 * hard limit would need an isolate or another process.
 */
public final class GraalSandbox implements ScriptSandbox {
  private static final int KEPT_SOURCES = 512;
  private static final int WAITING = 1_000;
  private static final long STACK_BYTES = 32L << 20; // reserved, not used; frames of guests are big
  private static final long LOOK_MILLIS = 10;
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final ScriptLimits limits;
  private final @Nullable HttpFetcher fetcher;
  private final HeapWatch heap = new HeapWatch();
  private final ThreadPoolExecutor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Source> sources = // guarded by lock
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Source> eldest) {
          return size() > KEPT_SOURCES;
        }
      };
  private volatile @Nullable Started started;

  /** Makes a sandbox without a network. */
  public GraalSandbox(ScriptLimits limits) {
    this(limits, null);
  }

  /**
   * @param fetcher sends what scripts fetch; null where there is no network
   */
  public GraalSandbox(ScriptLimits limits, @Nullable HttpFetcher fetcher) {
    this.limits = limits;
    this.fetcher = fetcher;
    this.threads =
        new ThreadPoolExecutor(
            limits.threads(),
            limits.threads(),
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().name("script-", 0).daemon().stackSize(STACK_BYTES).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public JsonNode run(Script script, Cancellation cancellation) {
    cancellation.throwIfCancelled();
    var ready = started();
    var run =
        new ScriptRun(
            ready.engine,
            ready.prelude,
            source(script.code()),
            globals(script),
            limits,
            new ScriptHost(fetcher),
            console());
    try (var _ =
        cancellation.onCancel(() -> run.stop(new FlowCancelledException(reason(cancellation))))) {
      threads.execute(run);
      return await(run);
    } catch (RejectedExecutionException e) {
      throw new ScriptException(
          "%d scripts run and %d wait already; start more workers or make the scripts shorter"
              .formatted(limits.threads(), WAITING),
          e);
    } finally {
      threads.remove(run);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    var open = started;
    if (open != null) {
      open.close();
    }
  }

  /** Waits for the result, and looks meanwhile at what the engine cannot limit: memory and time. */
  private JsonNode await(ScriptRun run) {
    var deadline = System.nanoTime() + limits.wall().toNanos();
    var before = -1L;
    while (true) {
      try {
        return run.result().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        var thread = run.thread();
        if (System.nanoTime() > deadline) {
          run.stop(
              new ScriptException(
                  "the script did not end within %s; raise SANDBOX_TIMEOUT or make it shorter"
                      .formatted(limits.wall()),
                  null));
        } else if (thread != null && before < 0) {
          before = heap.allocated(thread);
        } else if (thread != null && heap.threatens(heap.allocated(thread) - before)) {
          run.stop(
              new ScriptException("the script was stopped because it filled the memory", null));
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw new ScriptException("the script could not be run: " + e.getMessage(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        var interrupted = new FlowCancelledException("the run was interrupted");
        run.stop(interrupted);
        throw interrupted;
      }
    }
  }

  private Source source(String code) {
    lock.lock();
    try {
      return sources.computeIfAbsent(
          code,
          // On the same line, so that the numbers of lines in messages are the user's.
          body ->
              Source.newBuilder("js", "(async function () {" + body + "\n})", "function.js")
                  .buildLiteral());
    } finally {
      lock.unlock();
    }
  }

  private Started started() {
    var ready = started;
    if (ready != null) {
      return ready;
    }
    lock.lock();
    try {
      var first = started;
      if (first == null) {
        first = Started.now();
        started = first;
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  private static String globals(Script script) {
    var globals = JsonMapper.shared().createObjectNode();
    var values = globals.putObject("values");
    var missing = globals.putArray("missing");
    script
        .globals()
        .forEach((name, value) -> {
          if (value.isMissingNode()) {
            missing.add(name);
          } else {
            values.set(name, value);
          }
        });
    return globals.toString();
  }

  private static OutputStream console() {
    var log = LoggerFactory.getLogger("dev.millrace.flows.script.console");
    return log.isDebugEnabled() ? new ConsoleLog(log) : OutputStream.nullOutputStream();
  }

  private static String reason(Cancellation cancellation) {
    var reason = cancellation.reason();
    return reason == null ? "cancelled" : reason;
  }

  private record Started(Engine engine, ScriptRun.Prelude prelude) {
    /** Stops whatever still runs, and waits for it a little, but not for what is stuck. */
    void close() {
      // Of the platform: see ScriptRun.closeLater.
      var closing =
          Thread.ofPlatform().name("script-engine-close").daemon().start(() -> engine.close(true));
      try {
        closing.join(CLOSING);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    static Started now() {
      var engine =
          Engine.newBuilder("js")
              .sandbox(SandboxPolicy.CONSTRAINED)
              .out(OutputStream.nullOutputStream())
              .err(OutputStream.nullOutputStream())
              .option("engine.WarnInterpreterOnly", "false")
              .build();
      return new Started(
          engine, new ScriptRun.Prelude(resource("sandbox.js"), resource("modules.js")));
    }

    private static Source resource(String name) {
      try (var stream = GraalSandbox.class.getResourceAsStream(name)) {
        if (stream == null) {
          throw new IllegalStateException("the resource " + name + " is missing");
        }
        var code = new String(stream.readAllBytes(), UTF_8);
        return Source.newBuilder("js", code, name).buildLiteral();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the resource " + name, e);
      }
    }
  }
}
