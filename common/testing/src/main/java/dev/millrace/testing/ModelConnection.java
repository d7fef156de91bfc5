package dev.millrace.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One kept-alive HTTP/1.1 connection of {@link FakeModelServer}, spoken by hand: only so can a test
 * have a hang, a cut in the middle of a stream, and every token in a packet of its own.
 */
final class ModelConnection {
  private static final int MAX_BODY = 64 << 20;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  ModelConnection(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = new BufferedOutputStream(socket.getOutputStream(), 8 << 10);
  }

  /** Returns the next request, or null when the client closed the connection. */
  @Nullable ModelRequest read() throws IOException {
    var start = line();
    if (start == null || start.isEmpty()) {
      return null;
    }
    var words = start.split(" ", 3);
    var headers = new HashMap<String, String>();
    for (var line = line(); line != null && !line.isEmpty(); line = line()) {
      var colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    return new ModelRequest(words[0], words[1], headers, json(body(headers)));
  }

  void answer(int status, String type, byte[] body) throws IOException {
    write("HTTP/1.1 " + status + " Fake\r\nContent-Type: " + type + "\r\n");
    write("Content-Length: " + body.length + "\r\n\r\n");
    out.write(body);
    out.flush();
  }

  void startStream() throws IOException {
    write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n");
    write("Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n");
    out.flush();
  }

  void event(String data) throws IOException {
    var bytes = ("data: " + data + "\n\n").getBytes(UTF_8);
    write(Integer.toHexString(bytes.length) + "\r\n");
    out.write(bytes);
    write("\r\n");
  }

  void flush() throws IOException {
    out.flush();
  }

  void endStream() throws IOException {
    write("0\r\n\r\n");
    out.flush();
  }

  /** Waits until the client closes, or is closed by the server's own end. */
  void awaitClientsEnd() throws IOException {
    while (in.read() >= 0) {
      // A client has nothing to say before it has its answer.
    }
  }

  /** Resets the connection, so that the client sees a failure rather than an end. */
  void cut() throws IOException {
    out.flush();
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      var body = new ByteArrayOutputStream();
      for (var size = chunkSize(); size > 0; size = chunkSize()) {
        body.write(exactly(size));
        line();
      }
      line();
      return body.toByteArray();
    }
    return exactly(Integer.parseInt(headers.getOrDefault("content-length", "0")));
  }

  private int chunkSize() throws IOException {
    var line = line();
    return line == null ? 0 : Integer.parseInt(line.strip(), 16);
  }

  private byte[] exactly(int size) throws IOException {
    if (size > MAX_BODY) {
      throw new IOException("a request of " + size + " bytes is too large for the fake server");
    }
    var bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("the client closed in the middle of its request");
    }
    return bytes;
  }

  private static ObjectNode json(byte[] body) {
    var tree = body.length == 0 ? null : JsonMapper.shared().readTree(body);
    return tree instanceof ObjectNode object ? object : JsonMapper.shared().createObjectNode();
  }

  private @Nullable String line() throws IOException {
    var line = new ByteArrayOutputStream();
    for (var next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        return line.size() == 0 ? null : line.toString(ISO_8859_1);
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(ISO_8859_1);
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
  }
}
