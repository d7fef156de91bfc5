package dev.millrace.bullmq;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a queue's event stream, from where it is now on or from an entry that was read before, on
 * one connection and one thread. Entries come as they are written or, to save work where they are
 * many and nobody is in a hurry, in gulps.
 */
final class EventReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventReader.class);
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(Utf8.CODEC, ByteArrayCodec.INSTANCE);
  private static final long BLOCK_MILLIS = 10_000;
  private static final long GRACE_MILLIS = 1000;
  private static final int COUNT = 500;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final RedisConnections connections;
  private final String key;
  private final String clientName;
  private final Duration rest;
  private final Sink sink;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private @Nullable StatefulRedisConnection<String, byte[]> connection;
  private @Nullable String position;

  /**
   * @param rest how long to pause after each read that brought something
   * @param after the entry after which to begin; null begins at the end of the stream
   */
  EventReader(
      RedisConnections connections, Keys keys, Duration rest, @Nullable String after, Sink sink) {
    this.connections = connections;
    this.rest = rest;
    this.key = keys.events();
    this.clientName = keys.eventsClientName();
    this.position = after;
    this.sink = sink;
    thread = Thread.ofPlatform().daemon().name("bullmq-events").unstarted(this::run);
  }

  /** Where the entries go. */
  interface Sink {
    void entry(StreamMessage<String, byte[]> entry);

    /** Entries may have been missed. */
    void gap();
  }

  void start() {
    thread.start();
  }

  /** Waits until every later event will be read; returns whether that is so. */
  boolean awaitReady(Duration limit) throws InterruptedException {
    return ready.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    if (Thread.currentThread().equals(thread)) {
      // A listener closes what calls it.
      return;
    }
    try {
      thread.join(CLOSE_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (closed.getCount() > 0) {
        try {
          read();
        } catch (RedisUnavailableException e) {
          disconnect();
          pause(50);
          connections.awaitUp(Duration.ofSeconds(1));
        } catch (RuntimeException e) {
          log.warn("Cannot read the events {}; trying again", key, e);
          disconnect();
          pause(1000);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      disconnect();
    }
  }

  private void read() throws InterruptedException {
    var open = connection;
    if (open == null) {
      open = connections.dedicated(clientName, CODEC);
      connection = open;
      settlePosition(open);
    }
    var from = position == null ? "0-0" : position;
    var entries = await(nextAfter(from, open), BLOCK_MILLIS + GRACE_MILLIS);
    if (entries == null || entries.isEmpty()) {
      return;
    }
    if (entries.size() == COUNT && isTrimmedBeyond(open, from)) {
      sink.gap();
    }
    for (var entry : entries) {
      position = entry.getId();
      sink.entry(entry);
    }
    if (entries.size() < COUNT && rest.isPositive()) {
      pause(rest.toMillis());
    }
  }

  // One offset makes an array that nothing else is put into.
  @SuppressWarnings("unchecked")
  private RedisFuture<List<StreamMessage<String, byte[]>>> nextAfter(
      String id, StatefulRedisConnection<String, byte[]> open) {
    return open.async()
        .xread(XReadArgs.Builder.block(BLOCK_MILLIS).count(COUNT), StreamOffset.from(key, id));
  }

  /** Begins at the end of the stream; later, makes sure that nothing was missed meanwhile. */
  private void settlePosition(StatefulRedisConnection<String, byte[]> open)
      throws InterruptedException {
    var newest =
        await(open.async().xrevrange(key, Range.unbounded(), Limit.from(1)), GRACE_MILLIS * 5);
    var end = newest == null || newest.isEmpty() ? "0-0" : newest.getFirst().getId();
    var known = position;
    if (known == null) {
      position = end;
    } else if (StreamId.of(end).compareTo(StreamId.of(known)) < 0) {
      // The stream is another one: the data is gone.
      position = "0-0";
      sink.gap();
    } else if (isTrimmedBeyond(open, known)) {
      sink.gap();
    }
    ready.countDown();
  }

  private boolean isTrimmedBeyond(StatefulRedisConnection<String, byte[]> open, String id)
      throws InterruptedException {
    var oldest =
        await(open.async().xrange(key, Range.unbounded(), Limit.from(1)), GRACE_MILLIS * 5);
    return oldest != null
        && !oldest.isEmpty()
        && StreamId.of(oldest.getFirst().getId()).compareTo(StreamId.of(id)) > 0;
  }

  private @Nullable List<StreamMessage<String, byte[]>> await(
      RedisFuture<List<StreamMessage<String, byte[]>>> reply, long limitMillis)
      throws InterruptedException {
    try {
      return reply.toCompletableFuture().get(limitMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw RedisErrors.translate(e, "reading " + key);
    }
  }

  private void disconnect() {
    var open = connection;
    connection = null;
    if (open != null) {
      RedisConnections.release(open);
    }
  }

  private void pause(long millis) throws InterruptedException {
    var _ = closed.await(millis, TimeUnit.MILLISECONDS);
  }
}
