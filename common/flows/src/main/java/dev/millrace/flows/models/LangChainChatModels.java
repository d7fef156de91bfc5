package dev.millrace.flows.models;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.net.GuardedHttp;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The chat models of Flowise's nodes, by LangChain4j over the guarded HTTP client. Thread-safe.
 *
 * <p>Loads nothing of LangChain4j before the first call: a process that only serves requests starts
 * faster without it. Built models are kept, so their connections are, too.
 */
public final class LangChainChatModels implements ChatModels {
  private final GuardedHttp http;
  private final ModelLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable ModelCaller caller;

  /**
   * @param http through which the providers are called; its policy decides whether a model on the
   *     own machine (Ollama, LocalAI) can be reached
   */
  public LangChainChatModels(GuardedHttp http, ModelLimits limits) {
    this.http = http;
    this.limits = limits;
  }

  @Override
  public Set<String> supported() {
    return KNOWN;
  }

  @Override
  public Answer call(Call call, ChatListener listener, Cancellation cancellation) {
    var provider = Provider.ALL.get(call.model());
    if (provider == null) {
      throw new ModelException(
          "the model '%s' is not supported; supported are %s"
              .formatted(call.model(), String.join(", ", Provider.ALL.keySet())),
          0,
          null);
    }
    return caller().call(provider, call, listener, cancellation);
  }

  private ModelCaller caller() {
    var ready = caller;
    if (ready != null) {
      return ready;
    }
    lock.lock();
    try {
      var first = caller;
      if (first == null) {
        first = new ModelCaller(http.client(), limits);
        caller = first;
      }
      return first;
    } finally {
      lock.unlock();
    }
  }
}
