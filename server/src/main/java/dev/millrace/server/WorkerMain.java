package dev.millrace.server;

import dev.millrace.platform.node.NodeKind;
import dev.millrace.platform.process.Launcher;

/** Starts a node with the defaults of a worker. */
public final class WorkerMain {
  private WorkerMain() {}

  public static void main(String[] args) {
    Launcher.run(
        args,
        "A Millrace worker: bin/start-worker [--NAME=value ...]",
        NodeApp.of(NodeKind.WORKER));
  }
}
