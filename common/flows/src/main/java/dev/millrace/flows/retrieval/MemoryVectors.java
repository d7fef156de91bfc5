package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * Vectors in memory, compared one by one. Immutable.
 *
 * @param vectors one for each piece
 */
record MemoryVectors(List<Piece> pieces, List<float[]> vectors) implements VectorStore {
  MemoryVectors {
    pieces = List.copyOf(pieces);
    vectors = List.copyOf(vectors);
  }

  @Override
  public List<Found> search(Query query, Cancellation cancellation) {
    return IntStream.range(0, pieces.size())
        .filter(index -> matches(pieces.get(index).metadata(), query.filter()))
        .mapToObj(index -> found(index, query))
        .sorted(Comparator.comparingDouble(Found::score).reversed())
        .limit(query.limit())
        .toList();
  }

  private Found found(int index, Query query) {
    float[] vector = vectors.get(index);
    double score = Similarity.cosine(query.vector(), vector);
    return new Found(pieces.get(index), score, vector);
  }

  private static boolean matches(ObjectNode metadata, ObjectNode filter) {
    return filter.properties().stream()
        .allMatch(wanted -> wanted.getValue().equals(metadata.path(wanted.getKey())));
  }
}
