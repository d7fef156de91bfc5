package dev.millrace.pgjobs;

import java.time.Duration;
import java.time.Instant;

/**
 * A runner of ours that gives signs of life.
 *
 * @param poolId in whose name it locks jobs
 * @param host the machine, and the process on it: {@code name:pid}
 * @param seenAt its last sign of life
 * @param lease after how long without one its jobs are given to others
 * @param isAlive whether that is not over yet
 * @param locked how many jobs it has
 */
public record Runner(
    String poolId,
    String host,
    Instant startedAt,
    Instant seenAt,
    Duration lease,
    boolean isAlive,
    long locked) {}
