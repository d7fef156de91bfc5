package dev.millrace.flows.engine;

/**
 * Takes the events of one run in the order in which they happen.
 *
 * <p>Called from several threads, but never by two at once: the engine serialises the events of a
 * run. An implementation must not block for longer than its own bounded buffer demands, and must
 * not throw: a stream that nobody reads does not fail the run.
 */
@FunctionalInterface
public interface EventSink {
  /** Drops every event. */
  EventSink NONE = event -> {};

  void emit(FlowEvent event);
}
