package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Asks whether a Redis is there that we may use, without a client library. */
final class RedisProbe {
  private static final int LIMIT_MILLIS = 500;

  private RedisProbe() {}

  /**
   * Returns whether PING is answered with PONG: not while data is loaded, nor by a Redis that wants
   * another password.
   *
   * @param password of letters, digits, - and _; null to send none
   */
  static boolean answers(String host, int port, @Nullable Secret password) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), LIMIT_MILLIS);
      socket.setSoTimeout(LIMIT_MILLIS);
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      return (password == null || "+OK".equals(ask(socket, in, "AUTH " + password.reveal())))
          && "+PONG".equals(ask(socket, in, "PING"));
    } catch (IOException nobody) {
      return false;
    }
  }

  private static @Nullable String ask(Socket socket, BufferedReader in, String command)
      throws IOException {
    socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    return in.readLine();
  }
}
