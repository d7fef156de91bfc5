package dev.millrace.cluster.locks;

import org.jspecify.annotations.Nullable;

/** Runs work under a lock, and interrupts it when that is lost. */
final class Exclusive {
  private Exclusive() {}

  static <T extends @Nullable Object, E extends Exception> T run(Lock lock, Locks.Work<T, E> work)
      throws E, InterruptedException {
    var interruption = new Interruption(Thread.currentThread());
    lock.onLost(interruption::interrupt);
    T result;
    try {
      result = work.run(lock);
    } finally {
      interruption.end();
    }
    lock.requireHeld();
    return result;
  }

  /** Interrupts a thread while it is at the work, and never later. */
  private static final class Interruption {
    private @Nullable Thread thread;
    private boolean interrupted;

    Interruption(Thread thread) {
      this.thread = thread;
    }

    synchronized void interrupt() {
      if (thread != null) {
        interrupted = true;
        thread.interrupt();
      }
    }

    synchronized void end() {
      thread = null;
      if (interrupted) {
        // It was meant for the work only.
        var _ = Thread.interrupted();
      }
    }
  }
}
