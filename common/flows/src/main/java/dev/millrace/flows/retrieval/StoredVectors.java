package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.FlowStore.StoredPiece;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.EmbeddingModels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.node.ObjectNode;

/**
 * The vectors of document stores whose vector store is memory: made of the stored pieces when they
 * are first asked for, and made again when the pieces have changed. Thread-safe.
 */
final class StoredVectors {
  private static final int KEPT = 16;
  private static final int MOST_PIECES = 5_000;
  private static final int PAGE = 500;

  private record Key(String storeId, EmbeddingModels.Model model) {}

  private record Made(List<StoredPiece> pieces, MemoryVectors vectors) {}

  private final EmbeddingModels embeddings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, Made> kept = // guarded by lock
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Made> eldest) {
          return size() > KEPT;
        }
      };

  StoredVectors(EmbeddingModels embeddings) {
    this.embeddings = embeddings;
  }

  /** Returns the vectors of a store; two threads may make the same at the same time. */
  MemoryVectors of(String storeId, EmbeddingModels.Model model, NodeContext context) {
    List<StoredPiece> pieces = pieces(storeId, context);
    var key = new Key(storeId, model);
    lock.lock();
    try {
      Made made = kept.get(key);
      if (made != null && made.pieces().equals(pieces)) {
        return made.vectors();
      }
    } finally {
      lock.unlock();
    }
    var texts = pieces.stream().map(StoredPiece::text).toList();
    var vectors =
        new MemoryVectors(
            pieces.stream().map(StoredVectors::piece).toList(),
            embeddings.embed(model, texts, context.cancellation()));
    lock.lock();
    try {
      kept.put(key, new Made(pieces, vectors));
    } finally {
      lock.unlock();
    }
    return vectors;
  }

  private static List<StoredPiece> pieces(String storeId, NodeContext context) {
    var all = new ArrayList<StoredPiece>();
    while (true) {
      List<StoredPiece> page = context.storedPieces(storeId, all.size(), PAGE);
      all.addAll(page);
      if (all.size() > MOST_PIECES) {
        throw new FlowException(
            "The document store "
                + storeId
                + " has more than "
                + MOST_PIECES
                + " pieces, too many for vectors in memory: upsert it to PostgreSQL or Qdrant.");
      }
      if (page.size() < PAGE) {
        return List.copyOf(all);
      }
    }
  }

  private static Piece piece(StoredPiece stored) {
    ObjectNode metadata =
        Json.readOrMissing(stored.metadata()) instanceof ObjectNode object ? object : Json.object();
    return new Piece(stored.text(), metadata, null);
  }
}
