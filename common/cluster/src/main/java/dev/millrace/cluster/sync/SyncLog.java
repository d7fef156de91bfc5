package dev.millrace.cluster.sync;

import dev.millrace.cluster.Payload;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps sync messages in order for a time, so that every node can read those it has not had.
 * Thread-safe. All methods throw {@link dev.millrace.cluster.UnavailableException} while the store
 * is away.
 */
public interface SyncLog {
  /**
   * A message.
   *
   * @param number its place; larger than that of every earlier one
   * @param origin the node that published it
   */
  record Entry(long number, String origin, Payload message) {}

  /**
   * Appends a message, which has no number yet.
   *
   * @param transaction when it commits, the message is there; null appends at once
   * @param appended runs when it is there
   * @throws IllegalArgumentException when the transaction is of an unknown kind
   */
  void append(
      String channel,
      String origin,
      Payload message,
      @Nullable Transaction transaction,
      Runnable appended);

  /**
   * Numbers what was appended and has no number. Once a number can be read, no smaller one appears
   * any more.
   *
   * @return the newest number of each channel that got one
   */
  Map<String, Long> number();

  /** Returns the newest number; 0 before there was any. */
  long last();

  /** Returns the newest number that is not kept any more; 0 when all are. */
  long forgotten();

  /** Returns the messages of a channel after a number, in order. */
  List<Entry> read(String channel, long after, int limit);
}
