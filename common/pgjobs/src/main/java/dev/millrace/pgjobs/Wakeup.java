package dev.millrace.pgjobs;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A bell: whoever waits wakes up, and if nobody does, the next wait ends at once. */
final class Wakeup {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition rung = lock.newCondition();
  private boolean pending;

  void ring() {
    lock.lock();
    try {
      pending = true;
      rung.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the bell, at most so long; returns whether it rang. */
  boolean await(long nanos) throws InterruptedException {
    lock.lock();
    try {
      var left = nanos;
      while (!pending && left > 0) {
        left = rung.awaitNanos(left);
      }
      var was = pending;
      pending = false;
      return was;
    } finally {
      lock.unlock();
    }
  }

  boolean await(long time, TimeUnit unit) throws InterruptedException {
    return await(unit.toNanos(time));
  }
}
