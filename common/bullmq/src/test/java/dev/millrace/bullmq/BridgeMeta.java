package dev.millrace.bullmq;

import io.lettuce.core.SetArgs;
import io.lettuce.core.XAddArgs;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** The operations of a backend on a queue's settings, its rate limit and its stream of events. */
final class BridgeMeta {
  /** More than any limit: the largest exact integer of Node's numbers. */
  private static final String EVERYTHING = "9007199254740991";

  private final BridgeBackend backend;
  private final String meta;

  BridgeMeta(BridgeBackend backend) {
    this.backend = backend;
    meta = backend.keys.meta();
  }

  Map<String, BridgeOperation> operations() {
    return Map.ofEntries(
        Map.entry("setQueueMeta", this::set),
        Map.entry("getQueueMetaField", this::get),
        Map.entry("getQueueMetaFields", this::getSome),
        Map.entry("getQueueMeta", this::getAll),
        Map.entry("removeQueueMetaFields", this::remove),
        Map.entry("hasQueueMetaField", this::has),
        Map.entry("setRateLimit", this::setRateLimit),
        Map.entry("removeRateLimitKey", _ -> delete("limiter")),
        Map.entry("removeDeprecatedPriorityKey", _ -> delete("priority")),
        Map.entry("trimEvents", this::trimEvents),
        Map.entry("publishEvent", this::publishEvent));
  }

  private CompletableFuture<JsonNode> set(BridgeArgs args) {
    var values = fields(args.at(0));
    return backend.command(c -> c.hset(meta, values)).thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> get(BridgeArgs args) {
    return backend.command(c -> c.hget(meta, args.text(0))).thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> getSome(BridgeArgs args) {
    var names = args.texts(0).toArray(String[]::new);
    return backend
        .command(c -> c.hmget(meta, names))
        .thenApply(values -> {
          var json = Json.array();
          values.forEach(value -> json.add(value.getValueOrElse(null)));
          return json;
        });
  }

  private CompletableFuture<JsonNode> getAll(BridgeArgs args) {
    return backend.command(c -> c.hgetall(meta)).thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> remove(BridgeArgs args) {
    var names = args.texts(0).toArray(String[]::new);
    return backend.command(c -> c.hdel(meta, names)).thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> has(BridgeArgs args) {
    return backend.command(c -> c.hexists(meta, args.text(0))).thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> setRateLimit(BridgeArgs args) {
    var limit = SetArgs.Builder.px(args.number(0, 0));
    return backend
        .command(c -> c.set(backend.keys.key("limiter"), EVERYTHING, limit))
        .thenApply(_ -> Json.tree("null"));
  }

  private CompletableFuture<JsonNode> delete(String suffix) {
    return backend.command(c -> c.del(backend.keys.key(suffix))).thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> trimEvents(BridgeArgs args) {
    return backend
        .command(c -> c.xtrim(backend.keys.events(), true, args.number(0, 0)))
        .thenApply(BridgeArgs::json);
  }

  private CompletableFuture<JsonNode> publishEvent(BridgeArgs args) {
    var limit = XAddArgs.Builder.maxlen(args.number(1, 1000)).approximateTrimming();
    var fields = fields(args.at(0));
    return backend
        .command(c -> c.xadd(backend.keys.events(), limit, fields))
        .thenApply(BridgeArgs::json);
  }

  private static Map<String, String> fields(JsonNode object) {
    var fields = new LinkedHashMap<String, String>();
    for (var field : object.properties()) {
      if (!field.getValue().isNull()) {
        fields.put(field.getKey(), BridgeArgs.text(field.getValue()));
      }
    }
    return fields;
  }
}
