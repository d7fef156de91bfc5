package dev.millrace.flows.models;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.millrace.flows.engine.Cancellation;
import org.jspecify.annotations.Nullable;

/**
 * Passes a stream's pieces to the listener and keeps its end. LangChain4j drops what a handler
 * throws, so the first failure is kept here and the stream stopped. Of one thread.
 */
final class AnswerCollector implements StreamingChatResponseHandler {
  private final ChatModels.ChatListener listener;
  private final ModelExchange exchange;
  private final Cancellation cancellation;
  private @Nullable ChatResponse response;
  private @Nullable Throwable failure;

  AnswerCollector(
      ChatModels.ChatListener listener, ModelExchange exchange, Cancellation cancellation) {
    this.listener = listener;
    this.exchange = exchange;
    this.cancellation = cancellation;
  }

  /** Returns the whole answer once the stream ended. */
  ChatResponse await() {
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure != null) {
      throw exchange.failure(failure);
    }
    // A server that just closes the connection leaves neither an error nor a reason to stop.
    if (response == null || response.finishReason() == null) {
      cancellation.throwIfCancelled();
      throw new ModelException("the model's stream ended before its answer was complete", 0, null);
    }
    return response;
  }

  @Override
  public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
    pass(() -> listener.token(piece.text()));
  }

  @Override
  public void onPartialThinking(PartialThinking piece, PartialThinkingContext context) {
    pass(() -> listener.thinking(piece.text()));
  }

  @Override
  public void onCompleteResponse(ChatResponse complete) {
    response = complete;
  }

  @Override
  public void onError(Throwable error) {
    if (failure == null) {
      failure = error;
    }
  }

  private void pass(Runnable piece) {
    if (failure != null || cancellation.isCancelled()) {
      return;
    }
    try {
      piece.run();
    } catch (RuntimeException e) {
      failure = e;
      exchange.cancel();
    }
  }
}
