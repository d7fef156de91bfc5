package dev.millrace.bullmq;

/**
 * How many jobs are in each state.
 *
 * @param waiting includes the jobs that a paused queue of {@link Compat#V5} keeps apart
 */
public record JobCounts(
    long waiting,
    long active,
    long delayed,
    long prioritized,
    long waitingChildren,
    long completed,
    long failed) {}
