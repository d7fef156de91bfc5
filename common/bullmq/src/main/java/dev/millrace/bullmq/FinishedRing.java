package dev.millrace.bullmq;

import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Remembers how the last jobs ended, so that a waiter that comes a moment too late need not ask
 * Redis. Thread-safe; bounded in entries and in characters.
 */
final class FinishedRing {
  private static final int MAX_ENTRIES = 8192;
  private static final long MAX_CHARS = 8L << 20;
  private static final int LARGEST = 64 << 10;

  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<String, JobOutcome> outcomes = new LinkedHashMap<>();
  private long chars;

  void add(String id, JobOutcome outcome) {
    if (length(outcome) > LARGEST) {
      remove(id);
      return;
    }
    lock.lock();
    try {
      drop(id);
      outcomes.put(id, outcome);
      chars += length(outcome);
      while (outcomes.size() > MAX_ENTRIES || chars > MAX_CHARS) {
        drop(outcomes.firstEntry().getKey());
      }
    } finally {
      lock.unlock();
    }
  }

  Optional<JobOutcome> get(String id) {
    lock.lock();
    try {
      return Optional.ofNullable(outcomes.get(id));
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a job, e.g. because it runs again. */
  void remove(String id) {
    lock.lock();
    try {
      drop(id);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets all jobs, e.g. because they may have run again unseen. */
  void clear() {
    lock.lock();
    try {
      outcomes.clear();
      chars = 0;
    } finally {
      lock.unlock();
    }
  }

  private void drop(String id) {
    var outcome = outcomes.remove(id);
    if (outcome != null) {
      chars -= length(outcome);
    }
  }

  private static int length(JobOutcome outcome) {
    return switch (outcome) {
      case JobOutcome.Completed(var value) -> value.length();
      case JobOutcome.Failed(var reason) -> reason.length();
      case JobOutcome.Gone() -> 0;
    };
  }
}
