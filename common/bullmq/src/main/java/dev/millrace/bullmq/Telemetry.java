package dev.millrace.bullmq;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Is told what queues and workers do, to make traces and measurements of it. The package {@code
 * telemetry} has one for OpenTelemetry and one for Micrometer; names are those of Node's BullMQ.
 *
 * <p>Called on the threads that do the work: return at once, and do not throw. Thread-safe.
 */
public interface Telemetry {
  /** Is not interested. */
  Telemetry NONE = new Telemetry() {};

  /** Tells all of them; trace context comes from the first that has one. */
  static Telemetry of(Telemetry... all) {
    return new TelemetryGroup(List.of(all));
  }

  /** Which side of the queue an operation is on. */
  enum Kind {
    INTERNAL,
    PRODUCER,
    CONSUMER
  }

  /** What became of a job at the end of an attempt. */
  enum Outcome {
    COMPLETED,
    FAILED,
    /** Tried again after a delay. */
    DELAYED,
    /** Tried again at once. */
    RETRIED,
    /** Handed back as if it had not been taken. */
    WAITING,
    WAITING_CHILDREN
  }

  /**
   * An operation begins.
   *
   * @param name e.g. {@code add} or {@code process}
   * @param destination the queue, for {@code add} followed by a dot and the job's name
   * @param parentContext the context of what caused it, as {@link Span#context} gave it elsewhere;
   *     null is what the calling thread is doing
   */
  default Span start(Kind kind, String name, String destination, @Nullable String parentContext) {
    return Span.NONE;
  }

  /**
   * The end of an attempt is stored.
   *
   * @param job the job as it was when the attempt began
   * @param took from when the job was taken
   */
  default void ended(Job job, Outcome outcome, Duration took) {}

  /** An operation under way. It may end on another thread than the one it began on. */
  interface Span extends AutoCloseable {
    Span NONE = new Span() {};

    /** Says more about the operation. */
    default void attribute(String key, String value) {}

    /** Says more about the operation. */
    default void attribute(String key, long value) {}

    /** Returns what a job carries to whoever processes it: a JSON object as text, or null. */
    default @Nullable String context() {
      return null;
    }

    /** Makes this what the calling thread is doing, until the result is closed there. */
    default Scope enter() {
      return () -> {};
    }

    /** The operation failed; it still has to be closed. */
    default void failed(Throwable error) {}

    /** The operation ended. */
    @Override
    default void close() {}
  }

  /** Ends what {@link Span#enter} began. */
  @FunctionalInterface
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
