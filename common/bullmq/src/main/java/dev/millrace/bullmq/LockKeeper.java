package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Renews the locks of the jobs a worker has, and cancels those that it lost. */
final class LockKeeper {
  private static final int BATCH = 500;

  private final Scripts scripts;
  private final WorkerOptions options;
  private final Collection<ActiveJob> active;
  private final WorkerEvents events;

  LockKeeper(
      Scripts scripts, WorkerOptions options, Collection<ActiveJob> active, WorkerEvents events) {
    this.scripts = scripts;
    this.options = options;
    this.active = active;
    this.events = events;
  }

  /** Renews what is old enough, also of jobs whose result waits to be stored. */
  void renew() {
    var now = System.nanoTime();
    var old = options.lockRenewTime().toNanos() / 2;
    var due = new ArrayList<ActiveJob>();
    for (var job : active) {
      if (now - job.renewedNanos() >= old) {
        due.add(job);
      }
    }
    for (var from = 0; from < due.size(); from += BATCH) {
      renew(due.subList(from, Math.min(from + BATCH, due.size())));
    }
  }

  private void renew(List<ActiveJob> jobs) {
    var arguments = scripts.arguments(scripts.now());
    arguments.add(Long.toString(options.lockDuration().toMillis()));
    for (var job : jobs) {
      arguments.add(job.id());
      arguments.add(job.token());
    }
    var sent = System.nanoTime();
    Set<Object> lost;
    try {
      lost = new HashSet<>(scripts.call(Script.LOCKS, arguments));
    } catch (RedisUnavailableException e) {
      loseExpired(jobs);
      return;
    }
    var renewed = new ArrayList<String>();
    var failed = new ArrayList<String>();
    for (var job : jobs) {
      if (!lost.contains(job.id())) {
        job.renewed(sent);
        renewed.add(job.id());
      } else if (lose(job)) {
        failed.add(job.id());
      }
    }
    if (!renewed.isEmpty()) {
      events.tell(listener -> listener.locksRenewed(renewed));
    }
    if (!failed.isEmpty()) {
      events.tell(listener -> listener.lockRenewalFailed(failed));
    }
  }

  /** Redis is away: the locks that must have expired by now are another worker's to take. */
  private void loseExpired(List<ActiveJob> jobs) {
    var now = System.nanoTime();
    for (var job : jobs) {
      if (now - job.renewedNanos() > options.lockDuration().toNanos()) {
        var _ = lose(job);
      }
    }
  }

  /** Returns whether that is news. */
  private boolean lose(ActiveJob job) {
    // The lock of a job whose result has just been stored is gone as it should be.
    if (job.isSettled() || job.isCancelled(ActiveJob.CancelCause.LOCK_LOST)) {
      return false;
    }
    job.cancel(ActiveJob.CancelCause.LOCK_LOST, "could not renew lock for job " + job.id());
    events.tell(listener -> listener.lockLost(job.job()));
    return true;
  }
}
