package dev.millrace.bullmq;

/** How many children of a job there are of each {@link ChildKind}. */
public record ChildCounts(long processed, long unprocessed, long ignored, long failed) {}
