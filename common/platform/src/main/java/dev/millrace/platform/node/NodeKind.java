package dev.millrace.platform.node;

import dev.millrace.platform.settings.Mode;

/** Which program was started; the two differ in nothing but their defaults. */
public enum NodeKind {
  /** {@code bin/start}: brings the stores along, and serves requests. */
  SERVER,
  /** {@code bin/start-worker}: finds the stores, and serves every service. */
  WORKER;

  /** Returns what stands in for a WORKER_MODE that is not set. */
  String defaultWorkerMode(Mode mode) {
    return switch (this) {
      case SERVER -> mode == Mode.QUEUE ? "!" : "";
      case WORKER -> "*";
    };
  }

  /** Returns what the process calls itself towards its stores. */
  String clientName() {
    return this == SERVER ? "millrace-server" : "millrace-worker";
  }
}
