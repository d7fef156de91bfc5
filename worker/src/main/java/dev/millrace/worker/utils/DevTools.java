package dev.millrace.worker.utils;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Speaks the Chrome DevTools Protocol with a browser. Thread-safe. */
final class DevTools implements WebSocket.Listener, AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int CONNECT_SECONDS = 10;

  /** Base64 of the largest document, and some. */
  private static final int LONGEST_MESSAGE = 80 << 20;

  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final Map<String, Consumer<JsonNode>> listeners = new ConcurrentHashMap<>();
  private final LinkedBlockingQueue<String> outgoing = new LinkedBlockingQueue<>(10_000);
  private final AtomicInteger ids = new AtomicInteger();
  private final StringBuilder incoming = new StringBuilder();
  private final ReentrantLock sending = new ReentrantLock();
  private volatile @Nullable WebSocket socket;

  private DevTools() {}

  static DevTools connect(HttpClient http, URI address) throws IOException, InterruptedException {
    var tools = new DevTools();
    try {
      tools.socket =
          http.newWebSocketBuilder()
              .buildAsync(address, tools)
              .get(CONNECT_SECONDS, TimeUnit.SECONDS);
      return tools;
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the browser does not answer: " + e, e);
    }
  }

  /** Calls {@code listener} for each event of a name, on a thread of its own. */
  void on(String event, Consumer<JsonNode> listener) {
    listeners.put(event, listener);
  }

  ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Asks for something to be done, and waits for its result. */
  JsonNode ask(@Nullable String session, String method, ObjectNode parameters, long seconds)
      throws IOException, InterruptedException {
    var answer = send(session, method, parameters);
    try {
      return answer.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the browser refused " + method + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IOException("the browser took longer than " + seconds + " s for " + method, e);
    }
  }

  /** Asks for something to be done. */
  CompletableFuture<JsonNode> send(@Nullable String session, String method, ObjectNode parameters) {
    var id = ids.incrementAndGet();
    var answer = new CompletableFuture<JsonNode>();
    asked.put(id, answer);
    var message = object().put("id", id).put("method", method);
    message.set("params", parameters);
    if (session != null) {
      message.put("sessionId", session);
    }
    if (!outgoing.offer(message.toString())) {
      answer.completeExceptionally(new IOException("too much is waiting to be sent"));
      return answer;
    }
    flush();
    return answer;
  }

  /** One at a time: a WebSocket takes the next text when the last one is on its way. */
  private void flush() {
    var open = socket;
    sending.lock();
    try {
      for (var text = outgoing.poll(); text != null && open != null; text = outgoing.poll()) {
        open.sendText(text, true).get(CONNECT_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(new IOException("interrupted", e));
    } catch (ExecutionException | TimeoutException e) {
      fail(new IOException("the connection to the browser broke", e));
    } finally {
      sending.unlock();
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    incoming.append(data);
    if (incoming.length() > LONGEST_MESSAGE) {
      fail(new IOException("the browser's answer is too long"));
      from.abort();
      return null;
    }
    if (last) {
      var text = incoming.toString();
      incoming.setLength(0);
      take(JSON.readTree(text));
    }
    from.request(1);
    return null;
  }

  private void take(JsonNode message) {
    if (message.has("id")) {
      var answer = asked.remove(message.path("id").asInt());
      if (answer != null && message.has("error")) {
        answer.completeExceptionally(
            new IOException(message.path("error").path("message").asString("no reason given")));
      } else if (answer != null) {
        answer.complete(message.path("result"));
      }
      return;
    }
    var listener = listeners.get(message.path("method").asString(""));
    if (listener != null) {
      Thread.ofVirtual().name("devtools").start(() -> listener.accept(message.path("params")));
    }
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    fail(new IOException("the browser closed the connection"));
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    fail(new IOException("the browser died", error));
  }

  private void fail(IOException error) {
    asked.values().forEach(answer -> answer.completeExceptionally(error));
  }

  @Override
  public void close() {
    var open = socket;
    if (open != null) {
      open.abort();
    }
  }
}
