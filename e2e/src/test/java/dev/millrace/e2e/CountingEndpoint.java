package dev.millrace.e2e;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** An HTTP server that remembers who called which path, and takes its time to answer. */
final class CountingEndpoint implements AutoCloseable {
  /**
   * A call.
   *
   * @param caller the query's {@code who}
   * @param at {@link System#nanoTime} when it came
   */
  record Call(String path, String caller, long at) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Call> calls = new CopyOnWriteArrayList<>();

  CountingEndpoint(long millis) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          var uri = exchange.getRequestURI();
          var who = String.valueOf(uri.getQuery()).replace("who=", "");
          calls.add(new Call(uri.getPath(), who, System.nanoTime()));
          try (exchange) {
            // Work that takes time: a call can be cut off in the middle.
            TimeUnit.MILLISECONDS.sleep(millis);
            exchange.sendResponseHeaders(200, -1);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  void forget() {
    calls.clear();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
