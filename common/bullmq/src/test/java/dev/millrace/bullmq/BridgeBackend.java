package dev.millrace.bullmq;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What Node's own Queue, Worker, Job and FlowProducer classes call instead of Redis: each operation
 * of theirs is one of our scripts. The operations are in the classes that {@link #operations}
 * names, one for each family.
 */
final class BridgeBackend implements AutoCloseable {
  final RedisConnections connections;
  final Scripts scripts;
  final Keys keys;
  final BridgeBackendOptions options;
  final BridgeClock clock;
  private final Commands commands;
  private final BridgeWaits waits;
  private final Map<String, BridgeOperation> operations;
  private final AtomicBoolean closing = new AtomicBoolean();

  /** One after the other: what is pipelined stays in order. */
  private final ExecutorService lane =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());

  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();

  BridgeBackend(
      RedisConnections connections, Keys keys, BridgeBackendOptions options, BridgeClock clock) {
    this.connections = connections;
    this.keys = keys;
    this.options = options;
    this.clock = clock;
    scripts = new Scripts(connections, keys, options.compat(), options.eagerFail());
    commands = scripts.commands();
    waits = new BridgeWaits(this);
    operations = operations();
  }

  private Map<String, BridgeOperation> operations() {
    var all = new HashMap<String, BridgeOperation>();
    var families =
        List.of(
            new BridgeAdds(this).operations(),
            new BridgeMoves(this).operations(),
            new BridgeJobChanges(this).operations(),
            new BridgeSchedulerRuns(this).operations(),
            new BridgeUpkeep(this).operations(),
            new BridgeReads(this).operations(),
            new BridgeChildren(this).operations(),
            new BridgeMeta(this).operations(),
            waits.operations());
    families.forEach(family ->
        family.forEach((name, operation) -> {
          if (all.put(name, operation) != null) {
            throw new IllegalStateException("two operations are called " + name);
          }
        }));
    return Map.copyOf(all);
  }

  /** Calls an operation after those before it. */
  CompletableFuture<JsonNode> call(String method, BridgeArgs args) {
    var operation = operations.get(method);
    if (operation == null) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException("unknown operation backend." + method));
    }
    var result = new CompletableFuture<JsonNode>();
    lane.execute(() -> {
      try {
        var _ = operation.call(args).whenComplete((reply, error) -> end(result, reply, error));
      } catch (RuntimeException e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  private static void end(
      CompletableFuture<JsonNode> result, @Nullable JsonNode reply, @Nullable Throwable error) {
    if (error == null) {
      result.complete(reply);
    } else {
      result.completeExceptionally(error);
    }
  }

  /** Runs a script now. */
  CompletableFuture<List<Object>> script(Script script, String... further) {
    return scriptAt(clock.now(), script, List.of(further));
  }

  CompletableFuture<List<Object>> scriptAt(long now, Script script, List<String> further) {
    var arguments = scripts.arguments(now);
    arguments.addAll(further);
    return scripts.send(script, arguments);
  }

  /** Runs a script that does not begin with {@code core.lua}. */
  CompletableFuture<List<Object>> plainScript(Script script, List<String> arguments) {
    return scripts.send(script, arguments);
  }

  /** Runs a script whose reply begins with a code, and fails if that is negative. */
  CompletableFuture<Long> checked(
      String id, String command, @Nullable JobState state, Script script, String... further) {
    return script(script, further)
        .thenApply(reply -> {
          var code = (Long) reply.getFirst();
          if (code < 0) {
            throw JobOperationException.of(code.intValue(), id, command, state);
          }
          return code;
        });
  }

  /** Runs a plain command. */
  <T> CompletableFuture<T> command(
      Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command) {
    return commands
        .send(command)
        .exceptionally(e -> {
          throw new CompletionException(RedisErrors.translate(e, "queue " + keys.queue()));
        });
  }

  /**
   * Runs what takes several round trips. Those that were called after it begin when it is done, so
   * that they find the jobs as it leaves them.
   */
  <T> CompletableFuture<T> inSteps(Supplier<T> work) {
    return CompletableFuture.completedFuture(work.get());
  }

  /** Runs what waits: nothing is held up by it. */
  <T> CompletableFuture<T> later(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, background);
  }

  /** Returns a backend of another queue on the same connections. */
  BridgeBackend sibling(BridgeArgs args, Function<Keys, BridgeClock> clocks) {
    var other = new Keys(args.text(1, keys.prefix()), args.text(0));
    return new BridgeBackend(connections, other, options, clocks.apply(other));
  }

  boolean isClosing() {
    return closing.get();
  }

  @Override
  public void close() {
    closing.set(true);
    waits.close();
    lane.shutdown();
    background.shutdown();
  }
}
