package dev.millrace.platform.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers {@code GET /healthz} and {@code GET /metrics} on a node that serves no other request;
 * everything else is refused with 503.
 */
public final class HealthServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final NodeStatus status;

  /**
   * Opens the port.
   *
   * @param port 0 takes a free one
   * @throws IllegalStateException when the port is taken; the message names it and the variable
   */
  public HealthServer(int port, NodeStatus status) {
    this.status = status;
    try {
      server = HttpServer.create(new InetSocketAddress(port), 64);
    } catch (BindException e) {
      throw new IllegalStateException(
          "port " + port + " is taken; stop what uses it or set WORKER_PORT to another", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open port " + port + " for /healthz", e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().close();
      var answer =
          switch (exchange.getRequestURI().getPath()) {
            case "/healthz" -> status.healthz(exchange.getRequestHeaders().getFirst("Accept"));
            case "/metrics" -> status.scrape();
            default -> refusal();
          };
      send(exchange, answer);
    }
  }

  private NodeStatus.Answer refusal() {
    return new NodeStatus.Answer(
        503,
        "application/json; charset=utf-8",
        "{\"statusCode\":503,\"success\":false,\"message\":\"This node serves no requests"
            + " (WORKER_MODE): it answers /healthz and /metrics only\",\"stack\":{}}");
  }

  private void send(HttpExchange exchange, NodeStatus.Answer answer) throws IOException {
    var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    exchange.getResponseHeaders().set(NodeStatus.SERVES, status.facts().serves());
    exchange.sendResponseHeaders(answer.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
