package dev.millrace.flows.script;

import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.SandboxPolicy;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * One run of one script, in a context of its own that is thrown away afterwards. {@link #run}
 * belongs to a thread of the sandbox; everything else may be called by any thread.
 */
final class ScriptRun implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ScriptRun.class);

  /** How long an answer is waited for before the script's end is looked at. */
  private static final long LOOK_MILLIS = 200;

  private final Engine engine;
  private final Prelude prelude;
  private final Source body;
  private final String globals;
  private final ScriptLimits limits;
  private final ScriptHost host;
  private final OutputStream console;
  private final CompletableFuture<JsonNode> result = new CompletableFuture<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable Context context;
  private volatile @Nullable Thread thread;

  /** What a context is prepared with: {@code sandbox.js} and {@code modules.js}. */
  record Prelude(Source sandbox, Source modules) {}

  ScriptRun(
      Engine engine,
      Prelude prelude,
      Source body,
      String globals,
      ScriptLimits limits,
      ScriptHost host,
      OutputStream console) {
    this.engine = engine;
    this.prelude = prelude;
    this.body = body;
    this.globals = globals;
    this.limits = limits;
    this.host = host;
    this.console = console;
  }

  CompletableFuture<JsonNode> result() {
    return result;
  }

  /** Returns the thread that runs the script, null before it began. */
  @Nullable Thread thread() {
    return thread;
  }

  /** Ends the run with this failure, at once for the caller and soon for the script. */
  void stop(RuntimeException why) {
    result.completeExceptionally(why);
    stopped.countDown();
    host.stop();
    closeLater();
  }

  @Override
  public void run() {
    if (result.isDone()) {
      return;
    }
    thread = Thread.currentThread();
    try {
      var opened = open();
      context = opened;
      if (stopped.getCount() > 0) {
        result.complete(evaluate(opened));
      }
    } catch (PolyglotException e) {
      result.completeExceptionally(translate(e));
    } catch (ScriptException e) {
      result.completeExceptionally(e);
    } catch (OutOfMemoryError e) {
      result.completeExceptionally(new ScriptException("the script ran out of memory", e));
    } catch (StackOverflowError e) {
      result.completeExceptionally(new ScriptException("the script ran out of stack", e));
    } catch (RuntimeException e) {
      result.completeExceptionally(
          new ScriptException("the script could not be run: " + e.getMessage(), e));
    } finally {
      host.stop();
      closeLater();
    }
  }

  private JsonNode evaluate(Context js) {
    var handles = js.eval(prelude.sandbox());
    // The only thing of the host's inside, and the modules keep it to themselves.
    ProxyExecutable ask = arguments -> host.ask(arguments[0].asString());
    handles.getMember("install").executeVoid(js.eval(prelude.modules()), ask);
    handles.getMember("globals").executeVoid(globals);
    // Leaving the context drains the queue of promises, so most scripts are done after this line.
    handles.getMember("run").executeVoid(js.eval(body), limits.resultChars());
    while (state(handles).equals("pending")) {
      pause(handles, handles.getMember("idle").execute().asLong());
      handles.getMember("fire").executeVoid();
    }
    var text = handles.getMember("text").execute().asString();
    return switch (state(handles)) {
      case "undefined" -> MissingNode.getInstance();
      case "value" -> LooseJson.reread(read(text));
      default -> throw new ScriptException(text, null);
    };
  }

  private static String state(Value handles) {
    return handles.getMember("state").execute().asString();
  }

  private static JsonNode read(String json) {
    try {
      return JsonMapper.shared().readTree(json);
    } catch (JacksonException e) {
      throw new ScriptException("the script's result is no usable JSON: " + e.getMessage(), e);
    }
  }

  /** Waits for the next timer, or for the answer to a request if that comes first. */
  private void pause(Value handles, long millis) {
    if (host.isWaiting()) {
      listen(handles, millis < 0 ? LOOK_MILLIS : Math.min(millis, LOOK_MILLIS));
      return;
    }
    if (millis < 0) {
      throw new ScriptException(
          "the script waits for a promise that nothing will ever resolve", null);
    }
    try {
      if (stopped.await(millis, TimeUnit.MILLISECONDS)) {
        throw new ScriptException("the script was stopped", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ScriptException("the script was interrupted", e);
    }
  }

  private void listen(Value handles, long millis) {
    try {
      var answer = host.next(millis);
      if (stopped.getCount() == 0) {
        throw new ScriptException("the script was stopped", null);
      }
      if (answer != null) {
        handles.getMember("deliver").executeVoid(answer.id(), answer.json());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ScriptException("the script was interrupted", e);
    }
  }

  private Context open() {
    var builder =
        Context.newBuilder("js")
            .engine(engine)
            .sandbox(SandboxPolicy.CONSTRAINED)
            .allowHostAccess(HostAccess.CONSTRAINED)
            .out(console)
            .err(console)
            .option("js.allow-eval", "false")
            .option("js.load", "false")
            .option("js.print", "false")
            .option("js.graal-builtin", "false")
            .option("js.performance", "false")
            .option("js.text-encoding", "true")
            .option("sandbox.MaxCPUTime", limits.cpu().toMillis() + "ms")
            .option("sandbox.MaxStackFrames", Integer.toString(limits.stackFrames()))
            .option("sandbox.MaxThreads", "1")
            .option("sandbox.MaxOutputStreamSize", limits.outputBytes() + "B")
            .option("sandbox.MaxErrorStreamSize", limits.outputBytes() + "B");
    if (limits.statements() > 0) {
      builder.option("sandbox.MaxStatements", Long.toString(limits.statements()));
    }
    return builder.build();
  }

  private ScriptException translate(PolyglotException e) {
    if (e.isResourceExhausted()) {
      return new ScriptException("the script broke a limit: " + e.getMessage(), e);
    }
    if (e.isCancelled() || e.isInterrupted()) {
      return new ScriptException("the script was stopped", e);
    }
    if (e.isGuestException()) { // a syntax error; what a script throws itself comes as its result
      return new ScriptException(String.valueOf(e.getMessage()), e);
    }
    return new ScriptException("the script engine failed: " + e.getMessage(), e);
  }

  /**
   * Closes the context on a thread that nobody waits for: closing waits until the script noticed,
   * and in a process that ran out of memory in just that moment it may wait for ever. A thread of
   * the platform, as closing asks how much time its thread took, which no virtual one can say.
   */
  private void closeLater() {
    var open = context;
    if (open != null) {
      Thread.ofPlatform().name("script-close").daemon().start(() -> close(open));
    }
  }

  private static void close(Context context) {
    try {
      context.close(true);
    } catch (PolyglotException e) {
      // A context that was stopped repeats the reason when it is closed; the caller has it already.
      if (!e.isCancelled() && !e.isResourceExhausted()) {
        // Nobody waits for it, and the engine drops what is left when it is closed itself.
        LOG.warn("a script's context was not closed as it should be", e);
      }
    }
  }
}
