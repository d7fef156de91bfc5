package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Renews the locks of the jobs a worker has, and cancels those that it lost. */
final class LockKeeper {
  private static final int BATCH = 500;

  private final Scripts scripts;
  private final WorkerOptions options;
  private final Collection<ActiveJob> active;
  private final Consumer<ActiveJob> onLost;

  LockKeeper(
      Scripts scripts,
      WorkerOptions options,
      Collection<ActiveJob> active,
      Consumer<ActiveJob> onLost) {
    this.scripts = scripts;
    this.options = options;
    this.active = active;
    this.onLost = onLost;
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
    var arguments = scripts.arguments(System.currentTimeMillis());
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
    for (var job : jobs) {
      if (lost.contains(job.id())) {
        lose(job);
      } else {
        job.renewed(sent);
      }
    }
  }

  /** Redis is away: the locks that must have expired by now are another worker's to take. */
  private void loseExpired(List<ActiveJob> jobs) {
    var now = System.nanoTime();
    for (var job : jobs) {
      if (now - job.renewedNanos() > options.lockDuration().toNanos()) {
        lose(job);
      }
    }
  }

  private void lose(ActiveJob job) {
    // The lock of a job whose result has just been stored is gone as it should be.
    if (!job.isSettled() && !job.isCancelled(ActiveJob.CancelCause.LOCK_LOST)) {
      job.cancel(ActiveJob.CancelCause.LOCK_LOST, "could not renew lock for job " + job.id());
      onLost.accept(job);
    }
  }
}
