package dev.millrace.bullmq;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Runs the scripts of one queue on the shared connection. Thread-safe. */
final class Scripts {
  private final RedisConnections connections;
  private final Keys keys;
  private final String compat;
  private final String eager;
  private final List<String> declared;
  private final Tracing tracing;

  /**
   * @throws IllegalArgumentException when the connections do not reach the queue's keys
   */
  Scripts(RedisConnections connections, Keys keys, Compat compat, boolean failEagerly) {
    connections.requireReach(keys);
    this.connections = connections;
    this.keys = keys;
    this.compat = compat.flag();
    this.eager = failEagerly ? "1" : "0";
    this.declared = List.of(keys.meta(), keys.events());
    this.tracing = new Tracing(connections.telemetry(), keys.queue());
  }

  Keys keys() {
    return keys;
  }

  Tracing tracing() {
    return tracing;
  }

  /** Returns the time by which jobs are timed, in ms since the epoch. */
  long now() {
    return connections.clock().millis();
  }

  /** Returns what runs plain commands on the same connection. */
  Commands commands() {
    return new Commands(connections, keys);
  }

  /** Runs a script that begins with {@code core.lua}, now, with further arguments. */
  List<Object> callNow(Script script, String... further) {
    var arguments = arguments(now());
    arguments.addAll(List.of(further));
    return call(script, arguments);
  }

  /** Returns arguments that begin with what {@code core.lua} wants. */
  List<String> arguments(long now) {
    var arguments = new ArrayList<String>();
    arguments.add(keys.base());
    arguments.add(Long.toString(now));
    arguments.add(compat);
    arguments.add(eager);
    return arguments;
  }

  /**
   * Runs a script.
   *
   * @return the reply; fails with a {@link BullMqException}
   */
  CompletableFuture<List<Object>> send(Script script, List<String> arguments) {
    var doing = script.name().toLowerCase(java.util.Locale.ROOT) + " on queue " + keys.queue();
    StatefulRedisConnection<String, String> connection;
    try {
      connection = connections.shared();
    } catch (BullMqException e) {
      return CompletableFuture.failedFuture(e);
    }
    return Tracing.closing(
        tracing.script(script, arguments), sent(script, arguments, connection, doing));
  }

  /**
   * Sends a script on a connection of the caller's, where other commands hold it up; it must have
   * been called before.
   *
   * @return the reply; fails with what Lettuce throws, and has no time limit
   */
  CompletableFuture<List<Object>> sendBehind(
      RedisAsyncCommands<String, String> connection, Script script, List<String> arguments) {
    return Tracing.closing(
        tracing.script(script, arguments),
        run(connection, CommandType.EVALSHA, script.sha(), arguments));
  }

  private CompletableFuture<List<Object>> sent(
      Script script,
      List<String> arguments,
      StatefulRedisConnection<String, String> connection,
      String doing) {
    var commands = connection.async();
    var reply =
        run(commands, CommandType.EVALSHA, script.sha(), arguments)
            .exceptionallyCompose(e ->
                RedisErrors.unwrap(e) instanceof RedisNoScriptException
                    ? run(commands, CommandType.EVAL, script.source(), arguments)
                    : CompletableFuture.failedFuture(e));
    return connections
        .limit(reply, RedisConnections.CALL_LIMIT)
        .exceptionally(e -> {
          if (RedisErrors.asksForNewConnection(e)) {
            connections.suspect(connection);
          }
          throw new CompletionException(RedisErrors.translate(e, doing));
        });
  }

  private CompletableFuture<List<Object>> run(
      RedisAsyncCommands<String, String> commands,
      CommandType how,
      String script,
      List<String> arguments) {
    var output = new NestedMultiOutput<>(Utf8.CODEC);
    return commands
        .dispatch(how, output, new ScriptArgs(script, declared, arguments))
        .toCompletableFuture();
  }

  /** As {@link RedisConnections#limit}, for what waits on calls of this queue. */
  <T> CompletableFuture<T> limit(CompletableFuture<T> reply) {
    return connections.limit(reply, RedisConnections.CALL_LIMIT);
  }

  /**
   * Runs a script and waits for its reply.
   *
   * @throws BullMqException when it failed
   */
  List<Object> call(Script script, List<String> arguments) {
    return await(send(script, arguments), script.name());
  }

  /**
   * Waits for a reply that has a time limit of its own.
   *
   * @throws BullMqException when it failed, or the waiting thread was interrupted
   */
  static <T> T await(CompletableFuture<T> reply, String doing) {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      throw RedisErrors.translate(e, doing);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullMqException("interrupted while waiting for Redis: " + doing, e);
    }
  }

  /**
   * As {@link #await}, but goes on waiting when the thread is interrupted, which it still is
   * afterwards. For calls that take jobs: nobody else would have those.
   */
  static <T> T join(CompletableFuture<T> reply, String doing) {
    try {
      return reply.join();
    } catch (CompletionException | CancellationException e) {
      throw RedisErrors.translate(e, doing);
    }
  }
}
