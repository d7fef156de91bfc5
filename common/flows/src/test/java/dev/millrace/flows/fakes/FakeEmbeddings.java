package dev.millrace.flows.fakes;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.models.EmbeddingModels;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Embeds a text by how often it has each letter: texts with the same words are near. */
public final class FakeEmbeddings implements EmbeddingModels {
  private final AtomicInteger texts = new AtomicInteger();

  @Override
  public Set<String> supported() {
    return Set.of("openAIEmbeddings");
  }

  @Override
  public List<float[]> embed(Model model, List<String> given, Cancellation cancellation) {
    texts.addAndGet(given.size());
    return given.stream().map(FakeEmbeddings::vector).toList();
  }

  /** Returns how many texts were embedded so far. */
  public int texts() {
    return texts.get();
  }

  private static float[] vector(String text) {
    var vector = new float[26];
    for (char letter : text.toLowerCase(Locale.ROOT).toCharArray()) {
      if (letter >= 'a' && letter <= 'z') {
        vector[letter - 'a']++;
      }
    }
    return vector;
  }
}
