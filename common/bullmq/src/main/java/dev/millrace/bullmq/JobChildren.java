package dev.millrace.bullmq;

import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The children of one job, as Redis has them now. All methods show nothing for an unknown job, and
 * throw {@link RedisUnavailableException} while there is no connection. Thread-safe.
 */
public final class JobChildren {
  private static final int SCANNED = 1000;

  private final Scripts scripts;
  private final Commands commands;
  private final String key;

  JobChildren(Scripts scripts, String id) {
    this.scripts = scripts;
    commands = scripts.commands();
    key = scripts.keys().job(id);
  }

  /** Returns the return values of completed children, JSON text by key of the child. */
  public Map<String, String> values() {
    return commands.call("children", c -> c.hgetall(key + ChildKind.PROCESSED.suffix()));
  }

  /**
   * Returns why children failed whose failure did not fail this job, by key of the child. (Node
   * calls it {@code getIgnoredChildrenFailures}, and in version 5 {@code getFailedChildrenValues}.)
   */
  public Map<String, String> ignoredFailures() {
    return commands.call("children", c -> c.hgetall(key + ChildKind.IGNORED.suffix()));
  }

  /**
   * Returns why children failed whose failure fails this job, by key of the child, in the order in
   * which they failed. A child that was removed since has no reason left, and an empty one here.
   */
  public Map<String, String> failures() {
    var keys = commands.call("children", c -> c.zrange(key + ChildKind.FAILED.suffix(), 0, -1));
    var hashes = commands.callAll("children", keys, child -> c -> c.hmget(child, "failedReason"));
    var reasons = new LinkedHashMap<String, String>();
    for (var i = 0; i < keys.size(); i++) {
      reasons.put(keys.get(i), hashes.get(i).getFirst().getValueOrElse(""));
    }
    return reasons;
  }

  /** Returns how many children there are of each kind. */
  public ChildCounts counts() {
    var n = scripts.call(Script.CHILD_COUNTS, List.of(key)).stream().map(Long.class::cast).toList();
    return new ChildCounts(n.get(0), n.get(1), n.get(2), n.get(3));
  }

  /**
   * Returns some children of a kind. While children change kind between two pages, one may be
   * missed or seen twice.
   *
   * @param cursor {@link ChildPage#FIRST}, or what the page before says
   * @param count about how many to return, at least 1
   */
  public ChildPage page(ChildKind kind, String cursor, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1 but is " + count);
    }
    var name = key + kind.suffix();
    var from = ScanCursor.of(cursor);
    var args = ScanArgs.Builder.limit(Math.min(count, SCANNED));
    return switch (kind) {
      case PROCESSED, IGNORED -> {
        var page = commands.call("children", c -> c.hscan(name, from, args));
        var children = new ArrayList<ChildPage.Child>();
        page.getMap().forEach((child, value) -> children.add(new ChildPage.Child(child, value)));
        yield new ChildPage(children, page.isFinished() ? null : page.getCursor());
      }
      case UNPROCESSED -> {
        var page = commands.call("children", c -> c.sscan(name, from, args));
        yield page(page.getValues(), page.isFinished() ? null : page.getCursor());
      }
      case FAILED -> {
        var start = start(cursor);
        var keys = commands.call("children", c -> c.zrange(name, start, start + count - 1));
        yield page(keys, keys.size() < count ? null : Long.toString(start + count));
      }
    };
  }

  private static ChildPage page(List<String> keys, @Nullable String cursor) {
    return new ChildPage(
        keys.stream().map(child -> new ChildPage.Child(child, null)).toList(), cursor);
  }

  private static long start(String cursor) {
    try {
      return JobOperations.notNegative("cursor", Integer.parseInt(cursor));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("no cursor of these pages: " + cursor, e);
    }
  }
}
