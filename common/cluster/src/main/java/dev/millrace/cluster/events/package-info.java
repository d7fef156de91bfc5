/**
 * Work for whichever node has time. Start reading at {@link
 * dev.millrace.cluster.events.EventQueue}; {@link dev.millrace.cluster.events.EventTransport} is
 * what an adapter implements.
 */
@NullMarked
package dev.millrace.cluster.events;

import org.jspecify.annotations.NullMarked;
