package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.models.EmbeddingModels;
import dev.millrace.flows.net.HttpFetcher;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/**
 * Opens the vector stores that {@link Retrievers} search for writing, and the embedding models that
 * make the vectors. Thread-safe.
 */
public final class VectorWriters {
  private final EmbeddingModels embeddings;
  private final HttpFetcher fetcher;
  private final SqlVectors sql;

  /**
   * @param sql writes tables; {@link SqlVectors#NONE} where there are none
   */
  public VectorWriters(EmbeddingModels embeddings, HttpFetcher fetcher, SqlVectors sql) {
    this.embeddings = embeddings;
    this.fetcher = fetcher;
    this.sql = sql;
  }

  /** Turns texts into vectors, one for each, in order. */
  @FunctionalInterface
  public interface Embedder {
    /** As {@link EmbeddingModels#embed}. */
    List<float[]> embed(List<String> texts, Cancellation cancellation);
  }

  /**
   * Refuses an embedding model that cannot be called.
   *
   * @throws IllegalArgumentException with those that can
   */
  public void checkEmbedding(Component embedding) {
    refuse("embedding", embedding.name(), embeddings.supported());
  }

  /**
   * Refuses a vector store that cannot be written.
   *
   * @throws IllegalArgumentException with those that can
   */
  public void checkStore(Component store) {
    refuse("vectorStore", store.name(), StoreConfig.supported());
  }

  private static void refuse(String parameter, String name, Set<String> supported) {
    if (!supported.contains(name)) {
      throw new IllegalArgumentException(
          parameter
              + ": \""
              + name
              + "\" is not supported; supported are "
              + String.join(", ", new TreeSet<>(supported)));
    }
  }

  /**
   * Returns what an embedding model does.
   *
   * @param owner whose it is, for messages
   * @param credentials finds the decrypted credential of an id, which may be ""
   * @throws dev.millrace.flows.engine.FlowException when it cannot be called
   */
  public Embedder embedder(
      Component embedding, String owner, Function<String, ObjectNode> credentials) {
    EmbeddingModels.Model model =
        StoreConfig.of(embedding.name(), embedding.config(), owner, credentials).model(embeddings);
    return (texts, cancellation) -> embeddings.embed(model, texts, cancellation);
  }

  /**
   * Returns what writes into a vector store; nothing for one in memory, whose vectors are made of
   * the stored pieces.
   *
   * @param owner whose it is, for messages
   * @param credentials finds the decrypted credential of an id, which may be ""
   * @throws dev.millrace.flows.engine.FlowException when its settings lack something
   */
  public Optional<VectorWriter> writer(
      Component store, String owner, Function<String, ObjectNode> credentials) {
    StoreConfig config = StoreConfig.of(store.name(), store.config(), owner, credentials);
    if (config.isInMemory()) {
      return Optional.empty();
    }
    if (config.isPostgres()) {
      return Optional.of(new TableWriter(sql, config.table()));
    }
    if (config.isQdrant()) {
      return Optional.of(new QdrantWriter(new QdrantCollection(fetcher, config), config));
    }
    throw config.wrong(
        "this vector store cannot be written here; supported: "
            + String.join(", ", StoreConfig.supported()));
  }

  private record TableWriter(SqlVectors sql, SqlVectors.Table table) implements VectorWriter {
    @Override
    public void write(List<Piece> pieces, List<float[]> vectors, Cancellation cancellation) {
      sql.write(table, pieces, vectors, cancellation);
    }

    @Override
    public int prune(String docId, List<String> ids, Cancellation cancellation) {
      return sql.prune(table, docId, ids, cancellation);
    }
  }
}
