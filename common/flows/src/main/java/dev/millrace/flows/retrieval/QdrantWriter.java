package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes points into a collection of Qdrant, and makes the collection when it is missing. */
final class QdrantWriter implements VectorWriter {
  private static final String DISTANCE = "Cosine";

  private final QdrantCollection collection;
  private final StoreConfig config;

  QdrantWriter(QdrantCollection collection, StoreConfig config) {
    this.collection = collection;
    this.config = config;
  }

  @Override
  public void write(List<Piece> pieces, List<float[]> vectors, Cancellation cancellation) {
    if (pieces.isEmpty()) {
      return;
    }
    prepare(vectors.getFirst().length, cancellation);
    ObjectNode body = Json.object();
    ArrayNode points = body.putArray("points");
    for (int index = 0; index < pieces.size(); index++) {
      Piece piece = pieces.get(index);
      ObjectNode point = points.addObject().put("id", piece.id());
      ArrayNode vector = point.putArray("vector");
      for (float part : vectors.get(index)) {
        vector.add(part);
      }
      ObjectNode payload = point.putObject("payload").put(collection.content(), piece.text());
      payload.set(collection.metadata(), piece.metadata());
    }
    collection.call("PUT", "/points?wait=true", body, cancellation);
  }

  @Override
  public int prune(String docId, List<String> ids, Cancellation cancellation) {
    if (collection.describe(cancellation).isEmpty()) {
      return 0;
    }
    ObjectNode filter = Json.object();
    ObjectNode document = filter.putArray("must").addObject();
    document.put("key", collection.metadata() + ".docId").putObject("match").put("value", docId);
    if (!ids.isEmpty()) {
      ArrayNode kept = filter.putArray("must_not").addObject().putArray("has_id");
      ids.forEach(kept::add);
    }
    ObjectNode count = Json.object().put("exact", true);
    count.set("filter", filter);
    int gone =
        collection
            .call("POST", "/points/count", count, cancellation)
            .path("result")
            .path("count")
            .asInt(0);
    if (gone > 0) {
      ObjectNode delete = Json.object();
      delete.set("filter", filter);
      collection.call("POST", "/points/delete?wait=true", delete, cancellation);
    }
    return gone;
  }

  private void prepare(int size, Cancellation cancellation) {
    JsonNode there = collection.describe(cancellation).orElse(null);
    if (there == null) {
      ObjectNode settings = config.object("qdrantCollectionConfiguration").deepCopy();
      settings
          .putObject("vectors")
          .put("size", size)
          .put("distance", config.text("qdrantSimilarity", DISTANCE));
      collection.call("PUT", "", settings, cancellation);
      return;
    }
    JsonNode its = there.at("/config/params/vectors/size");
    if (its.isNumber() && its.asInt() != size) {
      throw new FlowException(
          "The collection of Qdrant takes vectors of size "
              + JsonText.of(its)
              + ", the embedding model makes such of size "
              + size
              + ": choose another collection or model.");
    }
  }
}
