package dev.millrace.flows.retrieval;

import java.util.ArrayList;
import java.util.List;

/** How near vectors are, and which of the near ones to take. */
final class Similarity {
  private Similarity() {}

  /** Returns the cosine of the angle; 0 when one of them is all zeros. */
  static double cosine(float[] a, float[] b) {
    double dot = 0;
    double lengthA = 0;
    double lengthB = 0;
    for (int index = 0; index < Math.min(a.length, b.length); index++) {
      dot += (double) a[index] * b[index];
      lengthA += (double) a[index] * a[index];
      lengthB += (double) b[index] * b[index];
    }
    return lengthA == 0 || lengthB == 0 ? 0 : dot / Math.sqrt(lengthA * lengthB);
  }

  /**
   * Chooses pieces that are near the question and yet not all alike (maximal marginal relevance).
   *
   * @param found with vectors, the nearest first
   * @param lambda 1 for nearness alone, 0 for variety alone
   */
  static List<Found> varied(float[] question, List<Found> found, int limit, double lambda) {
    var left = new ArrayList<>(found);
    var chosen = new ArrayList<Found>();
    while (chosen.size() < limit && !left.isEmpty()) {
      Found best = left.getFirst();
      double bestWorth = Double.NEGATIVE_INFINITY;
      for (Found one : left) {
        double worth = worth(question, one, chosen, lambda);
        if (worth > bestWorth) {
          bestWorth = worth;
          best = one;
        }
      }
      chosen.add(best);
      left.remove(best);
    }
    return chosen;
  }

  private static double worth(float[] question, Found one, List<Found> chosen, double lambda) {
    float[] vector = one.vector();
    if (vector == null) {
      return lambda * one.score();
    }
    double alike = 0;
    for (Found other : chosen) {
      float[] its = other.vector();
      alike = its == null ? alike : Math.max(alike, cosine(vector, its));
    }
    return lambda * cosine(question, vector) - (1 - lambda) * alike;
  }
}
