package dev.millrace.bullmq;

import java.util.List;

/**
 * What Redis gave a worker that asked for jobs.
 *
 * @param full whether it gave as many as were asked for, so that there may be more
 * @param limitedUntil until when the rate limit forbids to start jobs, ms since 1970; 0 if not
 * @param nextDue when the next delayed job is due, ms since 1970; 0 if none is known of
 */
record Taken(List<ActiveJob> jobs, boolean full, long limitedUntil, long nextDue) {
  static final Taken UNKNOWN = new Taken(List.of(), true, 0, 0);
}
