package dev.millrace.platform.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of loopback. */
final class Ports {
  private static final int TRIES = 1000;

  private Ports() {}

  static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(EmbeddedStore.HOST), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** Returns the first free port from here on; another process may take it before the caller. */
  static int firstFree(int from) {
    for (var port = from; port < from + TRIES; port++) {
      if (isFree(port)) {
        return port;
      }
    }
    throw new EmbeddedStoreException(
        "none of the ports " + from + " to " + (from + TRIES - 1) + " is free on loopback");
  }
}
