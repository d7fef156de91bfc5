package dev.millrace.pgjobs;

import org.jspecify.annotations.Nullable;

/**
 * A job's payload, looked at from outside.
 *
 * @param text JSON text; null when it was longer than asked for
 * @param bytes how long it is, in UTF-8
 */
public record Payload(@Nullable String text, long bytes) {}
