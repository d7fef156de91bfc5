package dev.millrace.bullmq;

import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/**
 * An operation of a backend. It sends what it has to Redis before it returns, so that operations
 * take effect in the order in which they are called; those that need several round trips do so in
 * {@link BridgeBackend#inSteps}, and those that wait for others in {@link BridgeBackend#later}.
 */
interface BridgeOperation {
  CompletableFuture<? extends JsonNode> call(BridgeArgs args);
}
