package dev.millrace.cluster.events;

/**
 * What a processor knows of an event beside its message.
 *
 * @param id the same in all attempts
 * @param channel where it was published
 * @param retried how often it failed before
 * @param options with which it was published
 * @param signal tells the processor to end early
 */
public record EventContext(
    String id, String channel, int retried, EventOptions options, CancelSignal signal) {}
