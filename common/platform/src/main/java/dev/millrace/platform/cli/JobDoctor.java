package dev.millrace.platform.cli;

import dev.millrace.pgjobs.JobCounts;
import dev.millrace.pgjobs.JobFilter;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.PgJobsException;
import dev.millrace.pgjobs.Runner;
import dev.millrace.platform.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Looks at background jobs as somebody would who is asked why they are not done. */
final class JobDoctor {
  private static final Duration LATE = Duration.ofMinutes(5);
  private static final Duration LONG = Duration.ofHours(1);
  private static final int LOOKED_AT = 1_000;

  /** How bad it is. */
  enum Level {
    OK,
    WARNING,
    PROBLEM
  }

  /** Something that was found. */
  record Finding(Level level, String text) {}

  private final PgJobs jobs;
  private final Settings settings;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();

  JobDoctor(PgJobs jobs, Settings settings, Instant now) {
    this.jobs = jobs;
    this.settings = settings;
    this.now = now;
  }

  List<Finding> examine() {
    try {
      var revision = jobs.revision();
      if (revision == 0) {
        return problem(
            "schema %s is not there: run millrace jobs migrate, or start a worker"
                .formatted(jobs.options().name()));
      }
      ok("schema %s has revision %d".formatted(jobs.options().name(), revision));
      // Refuses what breaks with us, and changes nothing that is up to date.
      jobs.migrate();
      var runners = runners();
      counts(runners);
      locks(runners);
      queues();
      mail();
      return findings;
    } catch (PgJobsException e) {
      return problem(String.valueOf(e.getMessage()));
    }
  }

  private List<Runner> runners() {
    var runners = jobs.runners();
    for (var runner : runners) {
      var text =
          "runner %s on %s has %d jobs".formatted(runner.poolId(), runner.host(), runner.locked());
      if (runner.isAlive()) {
        ok(text);
      } else {
        warning(text + ", but gave no sign of life since " + runner.seenAt());
      }
    }
    return runners;
  }

  private void counts(List<Runner> runners) {
    var counts = jobs.counts();
    var ready = counts.stream().mapToLong(JobCounts::ready).sum();
    if (ready > 0 && runners.stream().noneMatch(Runner::isAlive)) {
      problem(
          "%d jobs are ready, but no runner of ours works on them: start bin/start-worker (Node's"
                  .formatted(ready)
              + " workers give no sign of life and are not seen here)");
    }
    for (var task : counts) {
      var since = task.oldestReady();
      if (since != null && since.isBefore(now.minus(LATE))) {
        warning(
            "%d jobs of %s are ready, one since %s: no worker knows that task, all are busy, or its"
                    .formatted(task.ready(), named(task), since)
                + " queue is locked");
      }
      if (task.dead() > 0) {
        warning(
            "%d jobs of %s have failed for good: millrace jobs list --state dead --task %s"
                .formatted(task.dead(), named(task), named(task)));
      }
      if (task.task().isEmpty()) {
        problem(
            "%d jobs have a task whose name was cleaned away: nobody will do them"
                .formatted(task.total()));
      }
    }
  }

  private static String named(JobCounts counts) {
    return counts.task().isEmpty() ? "(no name)" : counts.task();
  }

  private void locks(List<Runner> runners) {
    var known = new HashSet<String>();
    runners.forEach(runner -> known.add(runner.poolId()));
    for (var job : jobs.list(JobFilter.of(JobFilter.State.LOCKED, LOOKED_AT))) {
      var locked = job.lockedAt();
      var by = String.valueOf(job.lockedBy());
      if (locked != null && !known.contains(by) && locked.isBefore(now.minus(LONG))) {
        warning(
            "job %d (%s) is locked since %s by %s, which is no runner of ours; if that worker is dead:"
                    .formatted(job.id(), job.task(), locked, by)
                + " millrace jobs unlock "
                + by);
      }
    }
  }

  private void queues() {
    for (var job : jobs.list(new JobFilter(null, null, 0, LOOKED_AT))) {
      var queue = job.queueName();
      if (queue != null && queue.startsWith("{")) {
        warning(
            "job %d is in a queue called %s: add_job took options for a queue's name; write"
                    .formatted(job.id(), queue.length() > 80 ? queue.substring(0, 80) + "…" : queue)
                + " '{…}'::json");
        return;
      }
    }
  }

  private void mail() {
    if (settings.mail().host() == null) {
      warning("SMTP_HOST is not set, so jobs of task email fail");
    } else if (settings.mail().sender() == null) {
      warning("SENDER_EMAIL is not set, so each mail has to name its sender");
    }
  }

  private void ok(String text) {
    findings.add(new Finding(Level.OK, text));
  }

  private void warning(String text) {
    findings.add(new Finding(Level.WARNING, text));
  }

  private List<Finding> problem(String text) {
    findings.add(new Finding(Level.PROBLEM, text));
    return findings;
  }
}
