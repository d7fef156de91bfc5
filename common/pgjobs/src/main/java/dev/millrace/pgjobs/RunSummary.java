package dev.millrace.pgjobs;

/**
 * What {@link JobRunner#runOnce} did.
 *
 * @param completed jobs that succeeded
 * @param failed attempts that failed
 */
public record RunSummary(int completed, int failed) {}
