package dev.millrace.flows.models;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.net.GuardedHttp;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The embedding models of Flowise's nodes, by LangChain4j over the guarded HTTP client. Loads
 * nothing of LangChain4j before the first call. Thread-safe.
 */
public final class LangChainEmbeddings implements EmbeddingModels {
  private final GuardedHttp http;
  private final ModelLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable EmbeddingCaller caller;

  /**
   * @param http through which the providers are called
   */
  public LangChainEmbeddings(GuardedHttp http, ModelLimits limits) {
    this.http = http;
    this.limits = limits;
  }

  @Override
  public Set<String> supported() {
    return Collections.unmodifiableSet(EmbeddingProvider.ALL.keySet());
  }

  @Override
  public List<float[]> embed(Model model, List<String> texts, Cancellation cancellation) {
    var provider = EmbeddingProvider.ALL.get(model.name());
    if (provider == null) {
      throw new ModelException(
          "the embedding model '%s' is not supported; supported are %s"
              .formatted(model.name(), String.join(", ", EmbeddingProvider.ALL.keySet())),
          0,
          null);
    }
    return texts.isEmpty() ? List.of() : caller().embed(provider, model, texts, cancellation);
  }

  private EmbeddingCaller caller() {
    var ready = caller;
    if (ready != null) {
      return ready;
    }
    lock.lock();
    try {
      var first = caller;
      if (first == null) {
        first = new EmbeddingCaller(http.client(), limits);
        caller = first;
      }
      return first;
    } finally {
      lock.unlock();
    }
  }
}
