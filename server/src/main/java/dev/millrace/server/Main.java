package dev.millrace.server;

import dev.millrace.platform.process.Launcher;

/** Starts the server process. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Launcher.run(args, "The Millrace server: bin/start [--NAME=value ...]", ServerApp::open);
  }
}
