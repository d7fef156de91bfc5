package dev.millrace.flows.mcp;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.model.Json;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The requests whose responses come on another way than they went. Thread-safe. */
final class Pending {
  private final String name;
  private final Duration patience;
  private final Map<String, CompletableFuture<ObjectNode>> waiting = new ConcurrentHashMap<>();
  private volatile @Nullable McpException gone;

  Pending(String name, Duration patience) {
    this.name = name;
    this.patience = patience;
  }

  /** A message came; what nobody waits for is left alone. */
  void arrived(String text) {
    if (Json.readOrMissing(text) instanceof ObjectNode message) {
      var waiter = waiting.remove(id(message));
      if (waiter != null) {
        waiter.complete(message);
      }
    }
  }

  /** Nothing will come any more. */
  void ended(String why) {
    var end = new McpException("MCP server " + name + " " + why + ".", null);
    gone = end;
    waiting.values().forEach(waiter -> waiter.completeExceptionally(end));
  }

  /** Ids are numbers, but a parser may make another kind of number of them. */
  static String id(JsonNode message) {
    return message.path("id").asString("");
  }

  /** Sends a request and waits for its response. */
  ObjectNode await(ObjectNode message, Runnable send, Cancellation cancellation) {
    var waiter = new CompletableFuture<ObjectNode>();
    String id = id(message);
    waiting.put(id, waiter);
    try (var _ = cancellation.onCancel(() -> waiter.cancel(false))) {
      McpException end = gone;
      if (end != null) {
        throw end;
      }
      send.run();
      return waiter.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new McpException(
          "MCP server "
              + name
              + " did not answer "
              + message.path("method").asString("")
              + " within "
              + patience.toSeconds()
              + " s.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowCancelledException("the run was interrupted");
    } catch (java.util.concurrent.CancellationException e) {
      throw new FlowCancelledException(String.valueOf(cancellation.reason()));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new McpException(cause == null ? "" + e : String.valueOf(cause.getMessage()), e);
    } finally {
      waiting.remove(id);
    }
  }
}
