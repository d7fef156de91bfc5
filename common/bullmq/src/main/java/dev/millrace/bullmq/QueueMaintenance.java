package dev.millrace.bullmq;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Removes and revives many jobs of a queue at once. {@link Queue#maintenance} returns it.
 *
 * <p>Work is done in steps of some hundred jobs, so that a queue of millions never keeps Redis from
 * its other clients for long; a method returns when all steps are done. A step is atomic, the whole
 * is not: a job that changes its state meanwhile may be missed, and when Redis goes away ({@link
 * RedisUnavailableException}) what was done stays done, and calling again goes on. Thread-safe.
 */
public final class QueueMaintenance {
  private static final long ALL_OF_THEM = Long.MAX_VALUE;

  private final Scripts scripts;
  private final Commands commands;
  private final Keys keys;
  private final SafeListener<QueueListener> listener;

  QueueMaintenance(Scripts scripts, SafeListener<QueueListener> listener) {
    this.scripts = scripts;
    this.listener = listener;
    commands = scripts.commands();
    keys = scripts.keys();
  }

  /**
   * Removes the jobs that wait to be processed, except the next runs of schedulers. Writes no
   * events.
   *
   * @param delayed whether delayed jobs go too
   * @return how many were removed
   */
  public long drain(boolean delayed) {
    var removed = 0L;
    for (var suffix : List.of("wait", "paused", "prioritized")) {
      removed += sweep(suffix, "", ALL_OF_THEM, "never", null);
    }
    return delayed ? removed + sweep("delayed", "", ALL_OF_THEM, "never", null) : removed;
  }

  /**
   * Removes old jobs of one state, the oldest first, except the next runs of schedulers, and writes
   * events {@code cleaned}. Active jobs are removed only if no worker has a lock on them.
   *
   * @param grace how old they must be: since they finished, began, or were added, whichever was
   *     last; delayed and prioritized ones since they began or were added
   * @param limit how many to remove at most; 0 for all
   * @return their ids
   * @throws IllegalArgumentException for a negative grace or limit, and for states that are not
   *     cleaned: {@link JobState#WAITING_CHILDREN} and {@link JobState#UNKNOWN}
   */
  public List<String> clean(JobState state, Duration grace, long limit) {
    if (state == JobState.WAITING_CHILDREN || limit < 0) {
      throw new IllegalArgumentException(
          "cannot clean %d jobs in state %s".formatted(limit, state.wireName()));
    }
    var before = scripts.now() - JobOperations.millis("grace", grace);
    var removed = new ArrayList<String>();
    var report = "always";
    for (var suffix : StateKeys.of(state)) {
      var left = limit == 0 ? ALL_OF_THEM : limit - removed.size();
      sweep(suffix, Long.toString(before), left, report, removed);
      report = "some";
    }
    listener.tell(l -> l.cleaned(List.copyOf(removed), state));
    return removed;
  }

  /**
   * As {@link #clean(JobState, Duration, long)}, of the jobs under one key.
   *
   * @param before ms since 1970; those that are older go
   */
  List<String> clean(String suffix, long before, long limit) {
    var removed = new ArrayList<String>();
    sweep(suffix, Long.toString(before), limit == 0 ? ALL_OF_THEM : limit, "always", removed);
    return removed;
  }

  private long sweep(
      String suffix, String before, long limit, String report, @Nullable List<String> ids) {
    // Not those that come while this runs: a busy producer would keep it going for good.
    var left = size(suffix);
    var skip = 0L;
    var removed = 0L;
    var reporting = report;
    var step = new StepSize();
    do {
      var reply = cleanStep(step, suffix, before, skip, limit - removed, reporting);
      var seen = (Long) reply.getFirst();
      var gone = (List<?>) reply.get(1);
      if (ids != null) {
        gone.forEach(id -> ids.add(String.valueOf(id)));
      }
      removed += gone.size();
      skip += seen - gone.size();
      left -= seen;
      reporting = report.equals("never") ? report : "some";
      if (seen == 0) {
        break;
      }
    } while (left > 0 && removed < limit);
    return removed;
  }

  private List<Object> cleanStep(
      StepSize step, String suffix, String before, long skip, long limit, String report) {
    return step.call(size ->
        scripts.callNow(
            Script.CLEAN,
            suffix,
            before,
            Long.toString(skip),
            Integer.toString(size),
            Long.toString(Math.min(size, limit)),
            report));
  }

  private long size(String suffix) {
    var key = keys.key(suffix);
    return StateKeys.isList(suffix)
        ? commands.call("size", c -> c.llen(key))
        : commands.call("size", c -> c.zcard(key));
  }

  /**
   * Deletes the queue with all its jobs, schedulers and settings. Pauses it first, and it stays
   * paused if it must not be deleted.
   *
   * @param force whether jobs that are being processed go too; their workers cannot store a result
   * @throws JobOperationException.QueueInUse when jobs are active and {@code force} is not set, or
   *     the queue was resumed meanwhile
   */
  public void obliterate(boolean force) {
    scripts.callNow(Script.PAUSE, "1", "");
    var flag = force ? "1" : "";
    var step = new StepSize();
    long code;
    do {
      var reply =
          step.call(size -> scripts.callNow(Script.OBLITERATE, flag, Integer.toString(size)));
      code = (Long) reply.getFirst();
      if (code < 0) {
        throw JobOperationException.obliterating((int) code);
      }
    } while (code == 1);
  }

  /** As {@link #retryJobs(JobState, long)}, for all that have finished by now. */
  public long retryJobs(JobState state) {
    return retryJobs(state, scripts.now());
  }

  /**
   * Runs finished jobs again, the oldest first. They keep their attempts, so that each is tried
   * once more; parents wait for them again.
   *
   * @param state {@link JobState#FAILED} or {@link JobState#COMPLETED}
   * @param finishedBy only those that had finished by then, ms since 1970
   * @return how many
   */
  public long retryJobs(JobState state, long finishedBy) {
    if (state != JobState.FAILED && state != JobState.COMPLETED) {
      throw new IllegalArgumentException(
          "only completed and failed jobs can be retried, not " + state.wireName() + " ones");
    }
    return revive(state.wireName(), Long.toString(finishedBy));
  }

  /** Runs all delayed jobs now; returns how many. */
  public long promoteJobs() {
    return revive("delayed", "+inf");
  }

  private long revive(String state, String highest) {
    var left = size(state);
    var revived = 0L;
    var step = new StepSize();
    while (left > 0) {
      var most = left;
      var reply =
          step.call(size ->
              scripts.callNow(
                  Script.REVIVE_MANY, state, highest, Long.toString(Math.min(size, most))));
      var seen = (Long) reply.getFirst();
      revived += (Long) reply.get(1);
      left = seen == 0 ? 0 : left - seen;
    }
    return revived;
  }

  /**
   * Deletes jobs that are in no state, which nobody would ever run or clean: BullMQ 5.66.6 to
   * 5.70.1 left such behind. Locked ones stay.
   *
   * @param limit how many to delete at most; 0 for all
   * @return how many were deleted
   */
  public long removeOrphanedJobs(long limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit must not be negative but is " + limit);
    }
    return new OrphanSweep(scripts).run(limit == 0 ? ALL_OF_THEM : limit);
  }

  /**
   * Trims the event stream to about so many entries.
   *
   * @return how many were deleted
   */
  public long trimEvents(long maxLength) {
    if (maxLength < 0) {
      throw new IllegalArgumentException("maxLength must not be negative but is " + maxLength);
    }
    return commands.call("trimEvents", c -> c.xtrim(keys.events(), true, maxLength));
  }

  /**
   * Frees a deduplication id, whoever owns it.
   *
   * @return whether anyone did
   */
  public boolean removeDeduplicationKey(String deduplicationId) {
    var key = keys.key("de:" + deduplicationId);
    return commands.call("removeDeduplicationKey", c -> c.del(key)) > 0;
  }

  /** Deletes a key that versions before 5 left behind; returns whether there was one. */
  public boolean removeDeprecatedPriorityKey() {
    return commands.call("removeDeprecatedPriorityKey", c -> c.del(keys.key("priority"))) > 0;
  }
}
