package dev.millrace.worker.tasks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A mail server that answers as it is told to; GreenMail refuses nothing. */
final class RefusingServer implements AutoCloseable {
  private final ServerSocket listening;
  private final Map<String, String> answers = new ConcurrentHashMap<>();

  RefusingServer() throws IOException {
    listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** From now on answers that to a command, and yes to all others. */
  void answerTo(String command, String answer) {
    answers.clear();
    answers.put(command, answer);
  }

  private void accept() {
    try {
      while (true) {
        var socket = listening.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket;
        var reader =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
      say(socket, "220 test");
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        var command = line.split(" ", 2)[0].toUpperCase(Locale.ROOT);
        var answer = answers.get(command);
        if (answer != null) {
          say(socket, answer);
        } else if (command.equals("EHLO")) {
          say(socket, "250-test\r\n250 AUTH PLAIN");
        } else if (command.equals("AUTH")) {
          say(socket, "235 welcome");
        } else if (command.equals("QUIT")) {
          say(socket, "221 bye");
          return;
        } else {
          say(socket, "250 ok");
        }
      }
    } catch (IOException e) {
      // The client went away.
    }
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
