package dev.millrace.platform.jobs;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file that a job made, or that was uploaded for jobs; without its content.
 *
 * @param jobId the job that made it; null when it was uploaded
 * @param sha256 in hexadecimal digits
 * @param size in bytes
 */
public record JobFile(
    UUID id,
    @Nullable Long jobId,
    String name,
    String mediaType,
    String sha256,
    long size,
    Instant created,
    Instant expires) {}
