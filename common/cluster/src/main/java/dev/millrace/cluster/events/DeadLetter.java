package dev.millrace.cluster.events;

import dev.millrace.cluster.Payload;
import java.time.Instant;

/**
 * An event that failed for good.
 *
 * @param attempts how often it was tried
 * @param error why the last attempt failed
 * @param failedAt when
 */
public record DeadLetter(
    String id, String channel, Payload message, int attempts, String error, Instant failedAt) {}
