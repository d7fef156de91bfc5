package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.FlowStore;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.EmbeddingModels;
import dev.millrace.flows.net.HttpFetcher;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes retrievers of the document stores and vector stores that flows name. Thread-safe. */
public final class Retrievers {
  private static final int MOST = 200;

  private final EmbeddingModels embeddings;
  private final HttpFetcher fetcher;
  private final SqlVectors sql;
  private final StoredVectors stored;

  /**
   * @param sql searches tables; {@link SqlVectors#NONE} where there are none
   */
  public Retrievers(EmbeddingModels embeddings, HttpFetcher fetcher, SqlVectors sql) {
    this.embeddings = embeddings;
    this.fetcher = fetcher;
    this.sql = sql;
    this.stored = new StoredVectors(embeddings);
  }

  /** Returns the vector stores that can be searched. */
  public Set<String> supported() {
    return StoreConfig.supported();
  }

  /**
   * Returns a retriever over a document store.
   *
   * @param reference {@code <id>:<name>}, as nodes hold it
   * @throws FlowException when there is no such store here, or it lacks something; says what
   */
  public Retriever ofDocuments(String reference, NodeContext context) {
    FlowStore.StoredDocuments documents = documents(reference, context);
    String owner = "document store \"" + documents.name() + "\"";
    StoreConfig embedding = component(documents.embedding(), owner + " (embedding)", context);
    StoreConfig store = component(documents.vectorStore(), owner + " (vector store)", context);
    if (embedding.name().isEmpty()) {
      throw new FlowException(
          "The "
              + owner
              + " of node "
              + context.node().title()
              + " has no embedding model: upsert it with one first.");
    }
    EmbeddingModels.Model model = embedding.model(embeddings);
    VectorStore vectors =
        store.isInMemory()
            ? (query, cancellation) ->
                stored.of(documents.id(), model, context).search(query, cancellation)
            : open(store);
    return retriever(store, vectors, model);
  }

  /** Returns the document store of a reference. */
  public FlowStore.StoredDocuments documents(String reference, NodeContext context) {
    int colon = reference.indexOf(':');
    String id = colon < 0 ? reference : reference.substring(0, colon);
    return context
        .storedDocuments(id)
        .orElseThrow(() ->
            new FlowException(
                "Node "
                    + context.node().title()
                    + " names the document store \""
                    + reference
                    + "\", which is not in this workspace: choose another."));
  }

  /**
   * Returns a retriever over a vector store that a node configures itself.
   *
   * @param row {@code {vectorStore, vectorStoreConfig, embeddingModel, embeddingModelConfig}}
   * @param parameter the node's input that holds it, for messages
   */
  public Retriever ofVectors(ObjectNode row, String parameter, NodeContext context) {
    String owner = parameter + " of node " + context.node().title();
    StoreConfig store = named(row, "vectorStore", owner, context);
    StoreConfig embedding = named(row, "embeddingModel", owner, context);
    if (store.isInMemory()) {
      throw store.wrong("it holds no documents in an agentflow: use a document store");
    }
    return retriever(store, open(store), embedding.model(embeddings));
  }

  private static StoreConfig named(ObjectNode row, String name, String owner, NodeContext context) {
    String component = row.path(name).asString("");
    if (component.isEmpty()) {
      throw new FlowException("No " + name + " is chosen in " + owner + ".");
    }
    JsonNode config = row.path(name + "Config");
    ObjectNode inputs = config instanceof ObjectNode object ? object : Json.object();
    return StoreConfig.of(component, inputs, owner, context::credential);
  }

  private static StoreConfig component(String json, String owner, NodeContext context) {
    JsonNode read = json.isBlank() ? Json.object() : Json.readOrMissing(json);
    if (!read.isObject()) {
      throw new FlowException("The settings of the " + owner + " are not valid JSON.");
    }
    ObjectNode inputs = read.get("config") instanceof ObjectNode object ? object : Json.object();
    return StoreConfig.of(read.path("name").asString(""), inputs, owner, context::credential);
  }

  private VectorStore open(StoreConfig store) {
    if (store.isPostgres()) {
      SqlVectors.Table table = store.table();
      return (query, cancellation) -> sql.search(table, query, cancellation);
    }
    if (store.isQdrant()) {
      return new QdrantStore(new QdrantCollection(fetcher, store));
    }
    throw store.wrong(
        "this vector store cannot be searched here; supported: " + String.join(", ", supported()));
  }

  private Retriever retriever(StoreConfig store, VectorStore vectors, EmbeddingModels.Model model) {
    int limit = Math.clamp((int) store.number("topK", 4), 1, MOST);
    boolean varied = store.text("searchType", "similarity").equals("mmr");
    int candidates = Math.clamp((int) store.number("fetchK", 20), limit, MOST);
    double lambda = Math.clamp(store.number("lambda", 0.5), 0, 1);
    ObjectNode filter = filter(store);
    return (question, cancellation) -> {
      if (question.isBlank()) {
        return List.of();
      }
      float[] vector = vector(model, question, cancellation);
      var query = new VectorStore.Query(vector, varied ? candidates : limit, filter, varied);
      List<Found> found = vectors.search(query, cancellation);
      List<Found> chosen = varied ? Similarity.varied(vector, found, limit, lambda) : found;
      return chosen.stream().map(Found::piece).toList();
    };
  }

  private float[] vector(EmbeddingModels.Model model, String question, Cancellation cancellation) {
    return embeddings.embed(model, List.of(question), cancellation).getFirst();
  }

  private static ObjectNode filter(StoreConfig store) {
    for (String key : List.of("pgMetadataFilter", "qdrantFilter", "metadataFilter")) {
      ObjectNode filter = store.object(key);
      if (!filter.isEmpty()) {
        return filter;
      }
    }
    return Json.object();
  }
}
