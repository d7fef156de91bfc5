package dev.millrace.flows.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells everything that works for one run that its result is no longer wanted.
 *
 * <p>Thread-safe. It is cancelled at most once; callbacks run on the cancelling thread, in the
 * order of registration, and must neither block nor throw.
 */
public final class Cancellation {
  /** Undoes a registration; calling it again does nothing. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> callbacks = new ArrayList<>(); // guarded by lock
  private volatile @Nullable String reason;

  /** Returns a token that nobody will cancel. */
  public static Cancellation none() {
    return new Cancellation();
  }

  /**
   * Cancels the run and tells every registered callback. Later calls change nothing.
   *
   * @param why shown to the user, e.g. {@code "aborted by the client"}
   */
  public void cancel(String why) {
    List<Runnable> told;
    lock.lock();
    try {
      if (reason != null) {
        return;
      }
      reason = why;
      told = List.copyOf(callbacks);
      callbacks.clear();
    } finally {
      lock.unlock();
    }
    told.forEach(Runnable::run);
  }

  public boolean isCancelled() {
    return reason != null;
  }

  /** Returns why the run was cancelled, or null while it was not. */
  public @Nullable String reason() {
    return reason;
  }

  /**
   * Throws when the run was cancelled; to be called between two steps of any length.
   *
   * @throws FlowCancelledException when it was
   */
  public void throwIfCancelled() {
    var why = reason;
    if (why != null) {
      throw new FlowCancelledException(why);
    }
  }

  /**
   * Registers what to do on cancellation; runs it at once when the run is already cancelled.
   *
   * @return undoes the registration
   */
  public Registration onCancel(Runnable callback) {
    lock.lock();
    try {
      if (reason == null) {
        callbacks.add(callback);
        return () -> forget(callback);
      }
    } finally {
      lock.unlock();
    }
    callback.run();
    return () -> {};
  }

  /** Returns a token that is cancelled with this one, and can be cancelled alone. */
  Child child() {
    var child = new Cancellation();
    return new Child(child, onCancel(() -> child.cancel(String.valueOf(reason()))));
  }

  /** A token that depends on another, until it is closed. */
  record Child(Cancellation token, Registration registration) implements AutoCloseable {
    @Override
    public void close() {
      registration.close();
    }
  }

  /**
   * Waits.
   *
   * @throws FlowCancelledException at once when the run is cancelled meanwhile
   */
  void pause(Duration length) {
    var cancelled = new CountDownLatch(1);
    try (var _ = onCancel(cancelled::countDown)) {
      if (cancelled.await(length.toNanos(), TimeUnit.NANOSECONDS)) {
        throwIfCancelled();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowCancelledException("the thread of the run was interrupted");
    }
  }

  private void forget(Runnable callback) {
    lock.lock();
    try {
      callbacks.remove(callback);
    } finally {
      lock.unlock();
    }
  }
}
