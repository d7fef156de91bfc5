package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.Set;

/**
 * Reads a queue, for dashboards and administrators. {@link Queue#getters} returns it.
 *
 * <p>What it shows may have changed by the time it returns; ids whose job is gone are left out.
 * Thread-safe.
 */
public final class QueueGetters {
  /** How far lists are read on for ids whose job is gone. */
  private static final int EXTRA_PAGES = 5;

  private static final int PAGE = 1000;

  private final Scripts scripts;
  private final Commands commands;
  private final Keys keys;

  QueueGetters(Scripts scripts) {
    this.scripts = scripts;
    commands = scripts.commands();
    keys = scripts.keys();
  }

  /** Returns a job as it is now. */
  public Optional<Job> job(String id) {
    return jobs(List.of(id)).stream().findFirst();
  }

  /** Returns those of the jobs that exist. */
  public List<Job> jobs(List<String> ids) {
    var hashes = commands.callAll("jobs", ids, id -> c -> c.hgetall(keys.job(id)));
    var jobs = new ArrayList<Job>(ids.size());
    for (var i = 0; i < ids.size(); i++) {
      if (!hashes.get(i).isEmpty()) {
        jobs.add(JobHash.read(keys.queue(), ids.get(i), hashes.get(i)));
      }
    }
    return jobs;
  }

  /**
   * Returns jobs of one state.
   *
   * @param start the first one, counted from 0
   * @param end the last one; -1 for all
   * @param ascending whether counting begins with the oldest, or for delayed and prioritized jobs
   *     with the next to run
   * @throws IllegalArgumentException for a range that cannot be, or {@link JobState#UNKNOWN}
   */
  public List<Job> jobs(JobState state, long start, long end, boolean ascending) {
    return jobs(List.of(state), start, end, ascending);
  }

  /** As {@link #jobs(JobState, long, long, boolean)}, with that range of each state in turn. */
  public List<Job> jobs(
      SequencedCollection<JobState> states, long start, long end, boolean ascending) {
    JobOperations.checkRange(start, end);
    var found = new LinkedHashMap<String, Job>();
    for (var state : states) {
      for (var suffix : StateKeys.of(state)) {
        collect(found, suffix, start, end, ascending);
      }
    }
    return List.copyOf(found.values());
  }

  private void collect(
      Map<String, Job> found, String suffix, long start, long end, boolean ascending) {
    var wanted = end < 0 ? Long.MAX_VALUE : Math.max(0, end - start + 1);
    var taken = 0L;
    var from = start;
    var page = Math.min(wanted, PAGE);
    var extra = 0;
    while (taken < wanted && extra <= EXTRA_PAGES) {
      var ids = ids(suffix, from, from + page - 1, ascending);
      var missing = ids.size();
      for (var job : jobs(ids)) {
        missing--;
        if (taken < wanted) {
          found.putIfAbsent(job.id(), job);
          taken++;
        }
      }
      if (ids.size() < page) {
        return;
      }
      extra += missing > 0 && end >= 0 ? 1 : 0;
      from += page;
    }
  }

  /** Returns a range of ids; 0 is the oldest if ascending. */
  List<String> ids(String suffix, long start, long end, boolean ascending) {
    var key = keys.key(suffix);
    if (StateKeys.isList(suffix)) {
      return ascending
          ? commands.call("jobs", c -> c.lrange(key, -(end + 1), -(start + 1))).reversed()
          : commands.call("jobs", c -> c.lrange(key, start, end));
    }
    return ascending
        ? commands.call("jobs", c -> c.zrange(key, start, end))
        : commands.call("jobs", c -> c.zrevrange(key, start, end));
  }

  /** Returns all that is stored of a job, as it is stored. */
  public Optional<StoredJob> stored(String id) {
    var fields = commands.call("job", c -> c.hgetall(keys.job(id)));
    return fields.isEmpty() ? Optional.empty() : Optional.of(new StoredJob(id, fields, 0, 0));
  }

  /**
   * Returns jobs as they are stored, in one call: a range of each state in turn, the newest first.
   *
   * @param start the first one of each state, counted from 0
   * @param end the last one, at least {@code start}
   * @param largest data and return values that have more bytes are left out
   */
  public List<StoredJob> stored(
      SequencedCollection<JobState> states, long start, long end, int largest) {
    JobOperations.checkRange(start, end);
    var arguments = new ArrayList<String>();
    arguments.add(keys.base());
    arguments.add(Integer.toString(largest));
    arguments.add(Long.toString(start));
    arguments.add(Long.toString(end));
    states.forEach(state -> arguments.addAll(StateKeys.of(state)));
    return scripts.call(Script.PAGE, arguments).stream()
        .map(row -> StoredJob.read((List<?>) row))
        .toList();
  }

  /** Returns how many jobs are in each state. */
  public JobCounts counts() {
    var n =
        scripts.call(Script.COUNTS, List.of(keys.base())).stream().map(Long.class::cast).toList();
    return new JobCounts(n.get(0), n.get(1), n.get(2), n.get(3), n.get(4), n.get(5), n.get(6));
  }

  /** Returns how many jobs are in any of the states. */
  public long count(Set<JobState> states) {
    var counts = counts();
    return states.stream().mapToLong(counts::of).sum();
  }

  /** Returns how many jobs are not started: waiting, prioritized, delayed, or for children. */
  public long pendingCount() {
    return count(
        Set.of(
            JobState.WAITING, JobState.PRIORITIZED, JobState.DELAYED, JobState.WAITING_CHILDREN));
  }

  /**
   * Returns how many ready jobs there are of each priority.
   *
   * @param priorities 0 for those that have none
   */
  public Map<Integer, Long> countsPerPriority(SequencedCollection<Integer> priorities) {
    var distinct = priorities.stream().distinct().toList();
    var waiting = distinct.contains(0) ? counts().waiting() : 0;
    var above = distinct.stream().filter(priority -> priority != 0).toList();
    var counts =
        commands.callAll(
            "countsPerPriority",
            above,
            priority -> c -> c.zcount(keys.key("prioritized"), StateKeys.scores(priority)));
    var result = new LinkedHashMap<Integer, Long>();
    for (var priority : distinct) {
      result.put(priority, priority == 0 ? waiting : counts.get(above.indexOf(priority)));
    }
    return result;
  }

  /** Returns where a job is; {@link JobState#UNKNOWN} if it is nowhere. */
  public JobState state(String id) {
    var reply = scripts.call(Script.STATE, List.of(keys.base(), id));
    return JobState.ofWireName((String) reply.getFirst());
  }

  /**
   * Returns how a job ended; empty if it has not.
   *
   * @throws JobOperationException.Missing when there is no such job
   */
  public Optional<JobOutcome> outcome(String id) {
    var reply = (List<?>) scripts.call(Script.OUTCOMES, List.of(keys.base(), "0", id)).getFirst();
    return switch (((Long) reply.getFirst()).intValue()) {
      case 1 -> Optional.of(new JobOutcome.Completed(String.valueOf(reply.get(1))));
      case 2 -> Optional.of(new JobOutcome.Failed(String.valueOf(reply.get(1))));
      case -1 -> throw JobOperationException.of(-1, keys.job(id), "isFinished", null);
      default -> Optional.empty();
    };
  }

  /** Returns whether as many jobs are active as the queue's own concurrency allows. */
  public boolean isMaxed() {
    var limit = new QueueSettings(scripts).meta().concurrency();
    return limit != null && counts().active() >= limit;
  }

  /** Returns the children of a job. */
  public JobChildren children(String id) {
    return new JobChildren(scripts, id);
  }

  /** Returns which job owns a deduplication id. */
  public Optional<String> deduplicationJobId(String deduplicationId) {
    return Optional.ofNullable(
        commands.call("deduplicationJobId", c -> c.get(keys.key("de:" + deduplicationId))));
  }
}
