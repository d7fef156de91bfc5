package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.net.HttpFetcher;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A collection of Qdrant, over its HTTP API. */
final class QdrantStore implements VectorStore {
  private final HttpFetcher fetcher;
  private final String url;
  private final String key;
  private final String content;
  private final String metadata;

  QdrantStore(HttpFetcher fetcher, StoreConfig config) {
    this.fetcher = fetcher;
    String server = config.required("qdrantServerUrl");
    String base = server.endsWith("/") ? server.substring(0, server.length() - 1) : server;
    String collection = config.required("qdrantCollection");
    this.url =
        base
            + "/collections/"
            + URLEncoder.encode(collection, StandardCharsets.UTF_8).replace("+", "%20")
            + "/points/search";
    this.key = config.text("qdrantApiKey", "");
    this.content = config.text("contentPayloadKey", "content");
    this.metadata = config.text("metadataPayloadKey", "metadata");
  }

  @Override
  public List<Found> search(Query query, Cancellation cancellation) {
    ObjectNode body = Json.object();
    ArrayNode vector = body.putArray("vector");
    for (float part : query.vector()) {
      vector.add(part);
    }
    body.put("limit", query.limit()).put("with_payload", true);
    body.put("with_vector", query.withVectors());
    if (!query.filter().isEmpty()) {
      body.set("filter", query.filter());
    }
    var found = new ArrayList<Found>();
    for (JsonNode point : send(body, cancellation).path("result")) {
      found.add(found(point));
    }
    return found;
  }

  private Found found(JsonNode point) {
    JsonNode payload = point.path("payload");
    ObjectNode about = payload.get(metadata) instanceof ObjectNode object ? object : Json.object();
    var piece = new Piece(JsonText.of(payload.path(content)), about, JsonText.of(point.path("id")));
    JsonNode vector = point.path("vector");
    float[] parts = null;
    if (vector.isArray()) {
      parts = new float[vector.size()];
      for (int index = 0; index < parts.length; index++) {
        parts[index] = vector.get(index).floatValue();
      }
    }
    return new Found(piece, point.path("score").asDouble(0), parts);
  }

  private JsonNode send(ObjectNode body, Cancellation cancellation) {
    var headers = new ArrayList<Map.Entry<String, String>>();
    if (!key.isEmpty()) {
      headers.add(Map.entry("api-key", key));
    }
    byte[] bytes = Json.write(body).getBytes(StandardCharsets.UTF_8);
    var request = new HttpFetcher.Request("POST", url, headers, bytes, "application/json");
    var response = fetcher.fetch(request, cancellation);
    JsonNode answer = Json.readOrMissing(new String(response.body(), StandardCharsets.UTF_8));
    if (response.status() / 100 != 2) {
      throw new FlowException(
          "Qdrant at "
              + url
              + " answered with status "
              + response.status()
              + ": "
              + JsonText.of(answer.path("status").path("error"))
              + ". Check its URL, collection and"
              + " key.");
    }
    return answer;
  }
}
