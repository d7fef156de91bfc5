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
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers {@code GET /healthz} on a node that serves no other request: 200 {@code OK} while all is
 * well, 503 with the reasons as JSON otherwise. Everything else is refused with 503.
 */
public final class HealthServer implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final JsonMapper json = JsonMapper.shared();
  private final Health health;

  /**
   * Opens the port.
   *
   * @param port 0 takes a free one
   * @throws IllegalStateException when the port is taken; the message names it and the variable
   */
  public HealthServer(int port, Health health) {
    this.health = health;
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
      if (!exchange.getRequestURI().getPath().equals("/healthz")) {
        send(exchange, 503, "text/plain; charset=utf-8", "This node answers /healthz only.\n");
        return;
      }
      var problems = health.problems();
      if (problems.isEmpty()) {
        send(exchange, 200, "text/html; charset=utf-8", "OK");
      } else {
        var body = json.createObjectNode().put("status", "unavailable");
        body.set("problems", json.valueToTree(problems));
        send(exchange, 503, "application/json; charset=utf-8", body.toString());
      }
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
