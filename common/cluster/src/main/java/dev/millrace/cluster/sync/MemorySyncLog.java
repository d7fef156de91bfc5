package dev.millrace.cluster.sync;

import dev.millrace.cluster.Payload;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the newest messages in the memory of this process. */
public final class MemorySyncLog implements SyncLog {
  private static final int KEPT = 10_000;

  private record Row(String channel, Entry entry) {}

  private final ArrayDeque<Row> rows = new ArrayDeque<>();
  private final Map<String, Long> untold = new HashMap<>();
  private long last;
  private long forgotten;

  @Override
  public void append(
      String channel,
      String origin,
      Payload message,
      @Nullable Transaction transaction,
      Runnable appended) {
    Runnable append =
        () -> {
          add(channel, origin, message);
          appended.run();
        };
    if (transaction == null) {
      append.run();
    } else {
      transaction.afterCommit(append);
    }
  }

  private synchronized void add(String channel, String origin, Payload message) {
    last++;
    rows.addLast(new Row(channel, new Entry(last, origin, message)));
    untold.put(channel, last);
    if (rows.size() > KEPT) {
      forgotten = rows.removeFirst().entry().number();
    }
  }

  @Override
  public synchronized Map<String, Long> number() {
    var told = Map.copyOf(untold);
    untold.clear();
    return told;
  }

  @Override
  public synchronized long last() {
    return last;
  }

  @Override
  public synchronized long forgotten() {
    return forgotten;
  }

  @Override
  public synchronized List<Entry> read(String channel, long after, int limit) {
    return rows.stream()
        .filter(row -> row.channel().equals(channel) && row.entry().number() > after)
        .limit(limit)
        .map(Row::entry)
        .toList();
  }
}
