package dev.millrace.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model provider that says what a test tells it to: OpenAI's chat completions, whole and
 * streamed, and embeddings, on a port of the loopback interface.
 *
 * <p>A call is answered by the next scripted reply; when there is none, by what the question asks
 * for ({@code tokens=5 delay=10}, {@code fail=401}, {@code hang}), then by the standing reply, and
 * at last by {@code answer N} to the N-th call. A forced function that no reply speaks of is called
 * with {@code {}}. Thread-safe.
 */
public final class FakeModelServer implements AutoCloseable {
  private static final int REMEMBERED = 10_000;

  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<ModelReply> script = new ArrayDeque<>(); // guarded by lock
  private final Deque<ModelRequest> requests = new ArrayDeque<>(); // guarded by lock
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger abandoned = new AtomicInteger();
  private volatile @Nullable ModelReply standing;
  private volatile @Nullable String model;
  private volatile int promptTokens = 10;
  private volatile int completionTokens = 5;

  private FakeModelServer(int port) throws IOException {
    this.listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 1024);
    Thread.ofVirtual().name("fake-model-accept").start(this::accept);
  }

  /** Starts a server on a free port. */
  public static FakeModelServer start() {
    return start(0);
  }

  /** Starts a server on a port of 127.0.0.1; 0 means a free one. */
  public static FakeModelServer start(int port) {
    try {
      return new FakeModelServer(port);
    } catch (IOException e) {
      throw new UncheckedIOException("the fake model server cannot listen on port " + port, e);
    }
  }

  /** Runs a server until it is killed; the only argument is the port. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length != 1) {
      throw new IllegalArgumentException("usage: FakeModelServer <port>");
    }
    try (var server = start(Integer.parseInt(args[0]))) {
      System.out.println("fake model server on " + server.baseUrl());
      Thread.currentThread().join();
    }
  }

  /** Returns what to give to a model as its base path. */
  public String baseUrl() {
    return "http://127.0.0.1:" + port() + "/v1";
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Appends to the script. */
  public FakeModelServer reply(ModelReply... replies) {
    lock.lock();
    try {
      script.addAll(List.of(replies));
    } finally {
      lock.unlock();
    }
    return this;
  }

  /** Sets what answers when the script is at its end. */
  public FakeModelServer always(ModelReply reply) {
    standing = reply;
    return this;
  }

  /** Sets the model that answers name; without it they name the one that was asked for. */
  public FakeModelServer model(String name) {
    model = name;
    return this;
  }

  /** Sets the usage that answers tell. */
  public FakeModelServer usage(int prompt, int completion) {
    promptTokens = prompt;
    completionTokens = completion;
    return this;
  }

  /** Returns the calls so far, oldest first; only the last 10 000 are remembered. */
  public List<ModelRequest> requests() {
    lock.lock();
    try {
      return List.copyOf(requests);
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many answers lost their client before their end. */
  public int abandoned() {
    return abandoned.get();
  }

  @Override
  public void close() {
    closeQuietly(listener);
    open.forEach(FakeModelServer::closeQuietly);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().name("fake-model").start(() -> serve(socket));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException("the fake model server stopped accepting", e);
        }
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var connection = new ModelConnection(socket);
      for (var request = connection.read(); request != null; request = connection.read()) {
        answerOrCount(connection, request);
      }
    } catch (IOException e) {
      // The client, or close(), ended the connection; what was lost is counted already.
    } finally {
      open.remove(socket);
    }
  }

  private void answerOrCount(ModelConnection connection, ModelRequest request) throws IOException {
    try {
      answer(connection, request);
    } catch (IOException e) {
      abandoned.incrementAndGet();
      throw e;
    }
  }

  private void answer(ModelConnection connection, ModelRequest request) throws IOException {
    if (request.path().contains("/embeddings")) {
      remembered(request);
      embed(connection, request);
      return;
    }
    if (!request.path().contains("/chat/completions")) {
      var only = "only chat completions and embeddings are served";
      connection.answer(404, "text/plain", only.getBytes(UTF_8));
      return;
    }
    var number = calls.incrementAndGet();
    var reply = next(request, number);
    var named = model;
    var wire =
        new ModelWire(
            connection,
            request,
            named == null ? request.model() : named,
            promptTokens,
            completionTokens);
    switch (reply) {
      case ModelReply.Text text -> wire.text(text);
      case ModelReply.Function(var name, var arguments) ->
          wire.function(name == null ? function(request) : name, arguments);
      case ModelReply.Calls calls -> wire.calls(calls);
      case ModelReply.Failure(var status, var body) ->
          connection.answer(status, "application/json", body.getBytes(UTF_8));
      case ModelReply.Raw(var type, var body) -> connection.answer(200, type, body.getBytes(UTF_8));
      case ModelReply.Hang() -> untilAbandoned(connection);
      case ModelReply.Stall(var tokens, var delay) -> {
        wire.beginning(tokens, delay);
        untilAbandoned(connection);
      }
      case ModelReply.Disconnect(var tokens) -> {
        wire.beginning(tokens, Duration.ZERO);
        connection.cut();
      }
    }
  }

  /** Of what the first text may ask for, embeddings know only to fail and to hang. */
  private void embed(ModelConnection connection, ModelRequest request) throws IOException {
    var input = request.body().path("input");
    switch (ModelReply.asked((input.isArray() ? input.path(0) : input).asString(""))) {
      case ModelReply.Failure(var status, var body) ->
          connection.answer(status, "application/json", body.getBytes(UTF_8));
      case ModelReply.Hang() -> untilAbandoned(connection);
      case null, default ->
          connection.answer(200, "application/json", ModelVectors.answer(request).getBytes(UTF_8));
    }
  }

  private ModelReply next(ModelRequest request, int number) {
    var reply = remember(request);
    if (reply == null) {
      reply = ModelReply.asked(request.question());
    }
    if (reply == null) {
      reply = standing;
    }
    if (reply == null) {
      reply =
          request.forcedFunction().isEmpty()
              ? ModelReply.text("answer " + number)
              : ModelReply.json(JsonMapper.shared().createObjectNode());
    }
    return reply;
  }

  private @Nullable ModelReply remember(ModelRequest request) {
    lock.lock();
    try {
      remembered(request);
      return script.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  private void remembered(ModelRequest request) {
    lock.lock();
    try {
      if (requests.size() == REMEMBERED) {
        requests.removeFirst();
      }
      requests.addLast(request);
    } finally {
      lock.unlock();
    }
  }

  private void untilAbandoned(ModelConnection connection) throws IOException {
    connection.awaitClientsEnd();
    throw new IOException("the client gave up waiting");
  }

  private static String function(ModelRequest request) {
    var forced = request.forcedFunction();
    return forced.isEmpty() ? request.firstFunction() : forced;
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot close " + closeable, e);
    }
  }
}
