package dev.millrace.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Sends the same HTTP request again and again over one kept-alive connection. As lean as can be: it
 * shares two cores with what it measures, and a client library would cost as much as the server.
 *
 * <p>Not thread-safe.
 */
final class LoadClient implements AutoCloseable {
  private static final int READ_LIMIT_MS = 120_000;

  private final Socket socket;
  private final InputStream in;
  private final byte[] request;

  LoadClient(int port, String path, String body) throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    var head =
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(path, port, bytes.length);
    this.request = (head + body).getBytes(StandardCharsets.UTF_8);
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(READ_LIMIT_MS);
    this.in = new BufferedInputStream(socket.getInputStream(), 16_384);
  }

  /**
   * Sends the request and reads the answer.
   *
   * @return the answer's body
   * @throws IOException when the status is not 200, or the connection broke
   */
  String call() throws IOException {
    socket.getOutputStream().write(request);
    var status = line();
    var length = -1;
    for (var header = line(); !header.isEmpty(); header = line()) {
      if (header.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(header.substring(15).strip());
      }
    }
    if (length < 0) {
      throw new IOException("an answer without Content-Length: " + status);
    }
    var body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException(status + ": " + body);
    }
    return body;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private String line() throws IOException {
    var line = new StringBuilder(64);
    for (var c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the server closed the connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
