/**
 * Carries the events of a run from the worker to the streams that show them, over Redis pub/sub and
 * with Flowise's channel and message. {@link dev.millrace.platform.events.EventPublisher} is the
 * worker's end, {@link dev.millrace.platform.events.EventSubscriber} the server's. Start reading at
 * {@link dev.millrace.platform.events.EventMessage}.
 */
@NullMarked
package dev.millrace.platform.events;

import org.jspecify.annotations.NullMarked;
