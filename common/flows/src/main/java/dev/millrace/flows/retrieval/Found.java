package dev.millrace.flows.retrieval;

import org.jspecify.annotations.Nullable;

/**
 * A piece that was found.
 *
 * @param score the higher the nearer; what it means is the store's business
 * @param vector its own, null unless it was asked for
 */
public record Found(Piece piece, double score, float @Nullable [] vector) {
  // Spelled out: of a compact constructor NullAway does not see that the vector may be null.
  public Found(Piece piece, double score, float @Nullable [] vector) {
    this.piece = piece;
    this.score = score;
    this.vector = vector;
  }
}
