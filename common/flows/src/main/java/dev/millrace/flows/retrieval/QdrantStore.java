package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A collection of Qdrant, over its HTTP API. */
final class QdrantStore implements VectorStore {
  private final QdrantCollection collection;

  QdrantStore(QdrantCollection collection) {
    this.collection = collection;
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
    for (JsonNode point :
        collection.call("POST", "/points/search", body, cancellation).path("result")) {
      found.add(found(point));
    }
    return found;
  }

  private Found found(JsonNode point) {
    JsonNode payload = point.path("payload");
    ObjectNode about =
        payload.get(collection.metadata()) instanceof ObjectNode object ? object : Json.object();
    var piece =
        new Piece(
            JsonText.of(payload.path(collection.content())), about, JsonText.of(point.path("id")));
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
}
