package dev.millrace.worker;

import dev.millrace.platform.process.Launcher;

/** Starts a worker process. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Launcher.run(args, "A Millrace worker: bin/start-worker [--NAME=value ...]", WorkerApp::open);
  }
}
