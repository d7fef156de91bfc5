package dev.millrace.bullmq;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A worker's slots for jobs, as many as its concurrency. Each job owns one permit. */
final class SlotPool extends Semaphore {
  private static final long serialVersionUID = 1L;

  private volatile int size;

  SlotPool(int size) {
    super(size);
    this.size = size;
  }

  int size() {
    return size;
  }

  /**
   * Changes the number of slots. Jobs that are too many keep theirs until they end. Called by one
   * thread at a time.
   */
  void resize(int newSize) {
    if (newSize > size) {
      release(newSize - size);
    } else {
      reducePermits(size - newSize);
    }
    size = newSize;
  }

  /**
   * Returns whether more jobs run than there are slots, so that none may follow on one that ends.
   */
  boolean isOverdrawn() {
    return availablePermits() < 0;
  }

  /** Waits until no job has a slot; returns whether that is so. */
  boolean awaitFree(Duration limit) throws InterruptedException {
    var all = size();
    if (!tryAcquire(all, limit.toNanos(), TimeUnit.NANOSECONDS)) {
      return false;
    }
    release(all);
    return true;
  }
}
