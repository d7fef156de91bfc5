package dev.millrace.server.http;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.RoutesConfig;
import java.time.Duration;
import java.util.function.Consumer;
import org.eclipse.jetty.server.ServerConnector;

/** The HTTP server with our limits: virtual threads, a bounded body, streams that may be silent. */
public final class HttpServer implements AutoCloseable {
  /** Longer than the heartbeat of a stream, which keeps it from being idle. */
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);

  private final Javalin javalin;

  private HttpServer(Javalin javalin) {
    this.javalin = javalin;
  }

  /**
   * Opens the port.
   *
   * @param bodyLimit in bytes
   * @param stopLimit how long requests may go on once the server is told to stop
   * @throws IllegalStateException when the port is taken; the message names it and the variable
   */
  public static HttpServer open(
      String host, int port, long bodyLimit, Duration stopLimit, Consumer<RoutesConfig> routes) {
    var javalin =
        Javalin.create(config -> {
          config.concurrency.useVirtualThreads = true;
          config.startup.showJavalinBanner = false;
          config.http.maxRequestSize = bodyLimit;
          config.http.asyncTimeout = 0;
          // Streams must not wait in a compressor; a proxy in front compresses better.
          config.http.compressionStrategy = CompressionStrategy.NONE;
          config.jetty.modifyServer(server -> server.setStopTimeout(stopLimit.toMillis()));
          config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
          config.jetty.addConnector((server, http) -> {
            var connector =
                new ServerConnector(
                    server, new org.eclipse.jetty.server.HttpConnectionFactory(http));
            connector.setHost(host);
            connector.setPort(port);
            connector.setIdleTimeout(IDLE_LIMIT.toMillis());
            return connector;
          });
          routes.accept(config.routes);
        });
    try {
      javalin.start();
    } catch (RuntimeException e) {
      if (isPortTaken(e)) {
        throw new IllegalStateException(
            "port " + port + " is taken; stop what uses it or set PORT to another");
      }
      throw e;
    }
    return new HttpServer(javalin);
  }

  public int port() {
    return javalin.port();
  }

  /** Refuses new requests, lets those that run end within the limit, and closes the port. */
  @Override
  public void close() {
    javalin.stop();
  }

  private static boolean isPortTaken(Throwable error) {
    for (var e = error; e != null; e = e.getCause()) {
      if (e instanceof java.net.BindException) {
        return true;
      }
    }
    return String.valueOf(error.getMessage()).contains("Port already in use");
  }
}
