package dev.millrace.server;

import dev.millrace.platform.node.NodeKind;
import dev.millrace.platform.process.Launcher;

/** Starts a node with the defaults of a server. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Launcher.run(
        args, "A Millrace server: bin/start [--NAME=value ...]", NodeApp.of(NodeKind.SERVER));
  }
}
