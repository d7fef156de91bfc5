/**
 * Streams to clients, framed as Flowise frames them. Start reading at {@link
 * dev.millrace.server.sse.SseStream}.
 */
@NullMarked
package dev.millrace.server.sse;

import org.jspecify.annotations.NullMarked;
