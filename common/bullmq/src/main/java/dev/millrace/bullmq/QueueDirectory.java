package dev.millrace.bullmq;

import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.ScanCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * All queues under one prefix, whoever made them, for dashboards.
 *
 * <p>Every method waits for Redis as those of {@link Queue} do, and throws what they throw.
 * Thread-safe.
 */
public final class QueueDirectory {
  private static final int SCANNED = 1_000;
  private static final String META = ":meta";

  private final RedisConnections connections;
  private final QueueOptions options;
  private final Commands commands;

  public QueueDirectory(RedisConnections connections, QueueOptions options) {
    this.connections = connections;
    this.options = options;
    // The queue's name matters only for messages.
    commands = new Commands(connections, new Keys(options.prefix(), "*"));
  }

  /**
   * Finds the names of all queues. Reads the names of all keys in Redis, a thousand at a time, so
   * it is not for every call: keep the result for a while.
   */
  public SortedSet<String> names() {
    var names = new TreeSet<String>();
    var begin = options.prefix() + ":";
    var args = KeyScanArgs.Builder.limit(SCANNED).match(glob(begin) + "*" + META).type("hash");
    var cursor = ScanCursor.INITIAL;
    do {
      var from = cursor;
      var page = commands.call("names", c -> c.scan(from, args));
      for (var key : page.getKeys()) {
        var name = key.substring(begin.length(), Math.max(begin.length(), key.length() - 5));
        // A colon: the hash of a job or a scheduler that has this for an id.
        if (!name.isEmpty() && name.indexOf(':') < 0) {
          names.add(name);
        }
      }
      cursor = page;
    } while (!cursor.isFinished());
    return names;
  }

  /** Returns whether there is such a queue. */
  public boolean exists(String name) {
    return !name.isEmpty()
        && name.indexOf(':') < 0
        && commands.call("exists", c -> c.exists(new Keys(options.prefix(), name).meta())) > 0;
  }

  /** Returns what there is to say of queues, in their order, in one call. */
  public List<QueueOverview> overviews(List<String> names) {
    if (names.isEmpty()) {
      return List.of();
    }
    var first = new Keys(options.prefix(), names.getFirst());
    var bases = names.stream().map(name -> new Keys(options.prefix(), name).base()).toList();
    var rows =
        new Scripts(connections, first, options.compat(), false).call(Script.OVERVIEW, bases);
    var overviews = new ArrayList<QueueOverview>(names.size());
    for (var i = 0; i < names.size(); i++) {
      overviews.add(QueueOverview.read(names.get(i), (List<?>) rows.get(i)));
    }
    return overviews;
  }

  /**
   * Returns the workers of queues that are connected now.
   *
   * @throws BullMqException also when the Redis does not list its clients
   */
  public Map<String, List<WorkerInfo>> workers(List<String> names) {
    var queues = names.stream().map(name -> new Keys(options.prefix(), name)).toList();
    return WorkerInfo.of(queues, commands.call("workers", c -> c.clientList()));
  }

  /** Returns what Redis says of itself ({@code INFO}). */
  public String serverInfo() {
    return commands.call("info", c -> c.info());
  }

  private static String glob(String text) {
    return text.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
  }
}
