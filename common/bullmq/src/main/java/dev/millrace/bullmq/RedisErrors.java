package dev.millrace.bullmq;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisReadOnlyException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Turns what Lettuce throws into what this library throws. */
final class RedisErrors {
  private RedisErrors() {}

  static BullMqException translate(Throwable thrown, String doing) {
    var cause = unwrap(thrown);
    return switch (cause) {
      case BullMqException own -> own;
      case TimeoutException _ ->
          new RedisUnavailableException("Redis did not answer in time: " + doing, true, cause);
      case CancellationException _ ->
          new RedisUnavailableException("connection to Redis lost: " + doing, true, cause);
      case RedisLoadingException _, RedisReadOnlyException _ ->
          new RedisUnavailableException(
              "Redis is not ready: " + doing + ": " + cause.getMessage(), false, cause);
      case RedisCommandExecutionException _ when isElsewhere(cause) ->
          new RedisUnavailableException(
              "the Cluster is changing: " + doing + ": " + cause.getMessage(), false, cause);
      case RedisCommandExecutionException _ ->
          new BullMqException(doing + " failed: " + cause.getMessage(), cause);
      case RedisException _ when isRejected(cause) ->
          new RedisUnavailableException("not connected to Redis: " + doing, false, cause);
      case RedisException _, java.io.IOException _ ->
          new RedisUnavailableException("connection to Redis lost: " + doing, true, cause);
      default -> new BullMqException(doing + " failed: " + cause, cause);
    };
  }

  static Throwable unwrap(Throwable thrown) {
    var cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Returns whether the server answers but is the wrong one, so that a new connection helps. */
  static boolean asksForNewConnection(Throwable thrown) {
    var cause = unwrap(thrown);
    return cause instanceof TimeoutException
        || cause instanceof RedisReadOnlyException
        || isElsewhere(cause);
  }

  /** Returns whether a node of a Cluster, before it did anything, sent us to another or to wait. */
  private static boolean isElsewhere(Throwable cause) {
    var message = String.valueOf(cause.getMessage());
    return cause instanceof RedisCommandExecutionException
        && (message.startsWith("MOVED ")
            || message.startsWith("ASK ")
            || message.startsWith("TRYAGAIN")
            || message.startsWith("CLUSTERDOWN"));
  }

  private static boolean isRejected(Throwable cause) {
    var message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("rejected") || message.contains("queue size exceeded");
  }
}
