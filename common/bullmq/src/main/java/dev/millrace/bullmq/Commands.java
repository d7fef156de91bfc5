package dev.millrace.bullmq;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Runs plain commands for one queue on the shared connection, with the limits and exceptions of the
 * scripts. Thread-safe.
 */
final class Commands {
  private static final int PIPELINED = 200;

  private final RedisConnections connections;
  private final Keys keys;

  Commands(RedisConnections connections, Keys keys) {
    this.connections = connections;
    this.keys = keys;
  }

  Keys keys() {
    return keys;
  }

  /**
   * Sends a command and waits for its reply.
   *
   * @param doing what the command is for, for messages
   * @throws BullMqException when it failed
   */
  <T> T call(String doing, Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command) {
    return Scripts.await(send(command), doing + " of queue " + keys.queue());
  }

  /**
   * Sends a command for each item, many at a time, and waits for all replies.
   *
   * @return the replies in the order of the items; a reply of nil must not occur
   * @throws BullMqException when one failed
   */
  <A, T> List<T> callAll(
      String doing,
      List<A> items,
      Function<A, Function<RedisAsyncCommands<String, String>, RedisFuture<T>>> command) {
    var replies = new ArrayList<T>(items.size());
    for (var from = 0; from < items.size(); from += PIPELINED) {
      var sent = new ArrayList<CompletableFuture<T>>();
      for (var item : items.subList(from, Math.min(from + PIPELINED, items.size()))) {
        sent.add(send(command.apply(item)));
      }
      for (var reply : sent) {
        replies.add(Scripts.await(reply, doing + " of queue " + keys.queue()));
      }
    }
    return replies;
  }

  /** Sends a command; the reply fails with what Lettuce throws. */
  <T> CompletableFuture<T> send(
      Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command) {
    return connections.limit(
        command.apply(connections.shared().async()).toCompletableFuture(),
        RedisConnections.CALL_LIMIT);
  }
}
