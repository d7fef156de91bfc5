package dev.millrace.bullmq;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** A TCP proxy that can fall silent: connections stay open, but nothing passes any more. */
final class HalfOpenProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final List<Link> links = new CopyOnWriteArrayList<>();

  HalfOpenProxy(int target) throws IOException {
    this.target = target;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  private record Link(Socket client, Socket upstream, AtomicBoolean silent) {}

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return links.size();
  }

  /** Every connection that is open now falls silent; new ones work. */
  void silence() {
    for (var link : links) {
      link.silent().set(true);
    }
    links.clear();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        var client = server.accept();
        var link =
            new Link(
                client, new Socket(InetAddress.getLoopbackAddress(), target), new AtomicBoolean());
        links.add(link);
        Thread.ofVirtual().start(() -> copy(link, client, link.upstream()));
        Thread.ofVirtual().start(() -> copy(link, link.upstream(), client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void copy(Link link, Socket from, Socket to) {
    try {
      var buffer = new byte[8192];
      for (var n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        if (!link.silent().get()) {
          to.getOutputStream().write(buffer, 0, n);
        }
      }
      from.close();
      to.close();
    } catch (IOException e) {
      links.remove(link);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
