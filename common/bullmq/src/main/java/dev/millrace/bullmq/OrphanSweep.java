package dev.millrace.bullmq;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds jobs that are in no state. Goes through all keys of the server, sorts out the jobs that are
 * in a sorted set, then those in a list, and lets a script check what remains once more before it
 * deletes it.
 */
final class OrphanSweep {
  private static final int SCANNED = 1000;
  private static final int ASKED = 500;
  private static final int SUSPECTS = 50_000;
  private static final int PAGE = 5000;

  /** A script call looks through whole lists for each of them. */
  private static final int DELETED = 5;

  private static final Set<String> QUEUE_KEYS =
      Set.of(
          "wait",
          "active",
          "paused",
          "prioritized",
          "delayed",
          "waiting-children",
          "completed",
          "failed",
          "stalled",
          "stalled-check",
          "marker",
          "id",
          "pc",
          "meta",
          "limiter",
          "events",
          "repeat",
          "priority",
          "delay",
          "metrics",
          "de",
          "dn",
          "relay",
          "");
  private static final List<String> JOB_KEYS =
      List.of(":lock", ":logs", ":dependencies", ":processed", ":failed", ":unsuccessful");

  private final Scripts scripts;
  private final Commands commands;
  private final String base;

  OrphanSweep(Scripts scripts) {
    this.scripts = scripts;
    commands = scripts.commands();
    base = scripts.keys().base();
  }

  /** Deletes up to {@code limit} orphans; returns how many. */
  long run(long limit) {
    var deleted = 0L;
    var suspects = new HashSet<String>();
    var args = ScanArgs.Builder.matches(escape(base) + "*").limit(SCANNED);
    var cursor = ScanCursor.INITIAL;
    do {
      var from = cursor;
      KeyScanCursor<String> page = commands.call("orphans", c -> c.scan(from, args));
      suspects.addAll(inNoSet(candidates(page.getKeys())));
      if (suspects.size() >= SUSPECTS) {
        deleted += delete(suspects, limit - deleted);
        suspects.clear();
      }
      cursor = page;
    } while (!cursor.isFinished() && deleted < limit);
    return deleted + delete(suspects, limit - deleted);
  }

  private Set<String> candidates(List<String> names) {
    var ids = new HashSet<String>();
    for (var name : names) {
      jobId(name.substring(base.length())).ifPresent(ids::add);
    }
    return ids;
  }

  /** Returns the job that a key may belong to; empty for the queue's own keys. */
  static Optional<String> jobId(String suffix) {
    var id = suffix;
    for (var end : JOB_KEYS) {
      if (suffix.endsWith(end)) {
        id = suffix.substring(0, suffix.length() - end.length());
      }
    }
    var colon = id.indexOf(':');
    var first = colon < 0 ? id : id.substring(0, colon);
    // Schedulers' jobs are "repeat:<scheduler>:<time>"; "repeat:<scheduler>" is no job.
    var isRun = first.equals("repeat") && id.matches("repeat:.+:\\d+");
    return isRun || !QUEUE_KEYS.contains(first) ? Optional.of(id) : Optional.empty();
  }

  private List<String> inNoSet(Collection<String> ids) {
    var found = new ArrayList<String>();
    var all = List.copyOf(ids);
    for (var from = 0; from < all.size(); from += ASKED) {
      found.addAll(ask("find", all.subList(from, Math.min(from + ASKED, all.size()))));
    }
    return found;
  }

  private long delete(Set<String> suspects, long limit) {
    for (var list : List.of("wait", "paused", "active")) {
      sortOut(list, suspects);
    }
    var left = List.copyOf(suspects);
    var deleted = 0L;
    var from = 0;
    while (from < left.size() && deleted < limit) {
      var to = from + (int) Math.min(Math.min(DELETED, limit - deleted), left.size() - from);
      deleted += ask("delete", left.subList(from, to)).size();
      from = to;
    }
    return deleted;
  }

  private void sortOut(String list, Set<String> suspects) {
    var key = scripts.keys().key(list);
    for (var from = 0L; !suspects.isEmpty(); from += PAGE) {
      var start = from;
      var ids = commands.call("orphans", c -> c.lrange(key, start, start + PAGE - 1));
      ids.forEach(suspects::remove);
      if (ids.size() < PAGE) {
        return;
      }
    }
  }

  private List<String> ask(String what, List<String> ids) {
    var arguments = new ArrayList<String>();
    arguments.add(base);
    arguments.add(what);
    arguments.addAll(ids);
    return scripts.call(Script.ORPHANS, arguments).stream().map(String::valueOf).toList();
  }

  private static String escape(String text) {
    return text.replaceAll("[\\\\*?\\[\\]]", "\\\\$0");
  }
}
