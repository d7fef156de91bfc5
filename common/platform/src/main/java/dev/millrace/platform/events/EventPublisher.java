package dev.millrace.platform.events;

import dev.millrace.flows.engine.EventSink;
import dev.millrace.flows.engine.FlowEvent;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the events of this process's runs. What is ready together travels together: one thread
 * takes everything that waits and sends it with one flush.
 *
 * <p>Thread-safe. An event is published at most once: while Redis is away events are dropped, with
 * one warning an outage, and the run goes on, since its result does not travel this way.
 */
public final class EventPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventPublisher.class);
  private static final int CAPACITY = 65_536;
  private static final int MOST_PER_FLUSH = 1_000;
  private static final Duration FULL_LIMIT = Duration.ofSeconds(5);

  private final StatefulRedisConnection<String, String> connection;
  private final BlockingQueue<Item> waiting = new ArrayBlockingQueue<>(CAPACITY);
  private final Thread flusher;
  // The newest message that was sent; only the flusher uses it.
  private @Nullable RedisFuture<Long> last;
  private volatile boolean closed;
  private volatile boolean broken;

  /** Either a message, or a mark whose future completes once everything before it was delivered. */
  private record Item(String channel, String message, @Nullable CompletableFuture<Void> mark) {}

  /**
   * @param connection for this publisher alone, closed with it
   */
  public EventPublisher(StatefulRedisConnection<String, String> connection) {
    this.connection = connection;
    connection.setAutoFlushCommands(false);
    this.flusher = Thread.ofVirtual().name("event-publisher").start(this::flushUntilClosed);
  }

  /** Opens the stream of one run. */
  public RunEvents open(String chatId, UUID runId) {
    return new RunEvents(chatId, runId);
  }

  @Override
  public void close() {
    closed = true;
    flusher.interrupt();
    try {
      flusher.join(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    connection.close();
  }

  /** The events of one run. */
  public final class RunEvents implements EventSink {
    private final String chatId;
    private final UUID runId;

    private RunEvents(String chatId, UUID runId) {
      this.chatId = chatId;
      this.runId = runId;
    }

    @Override
    public void emit(FlowEvent event) {
      var message = new EventMessage(chatId, runId, StreamEvent.of(event));
      put(new Item(chatId, message.toJson(), null));
    }

    /**
     * Waits until Redis has taken every event that was emitted before. After it, the job's result
     * may be published: whoever sees the result can already have seen the events.
     *
     * @return false when they could not be delivered within the limit
     */
    public boolean awaitDelivered(Duration limit) {
      var mark = new CompletableFuture<Void>();
      if (!put(new Item(chatId, "", mark))) {
        return false;
      }
      try {
        mark.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } catch (ExecutionException | TimeoutException e) {
        return false;
      }
    }
  }

  private boolean put(Item item) {
    try {
      if (!closed && waiting.offer(item, FULL_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        return true;
      }
      warnOnce("its buffer of " + CAPACITY + " events is full");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void flushUntilClosed() {
    var batch = new ArrayList<Item>(MOST_PER_FLUSH);
    while (!closed || !waiting.isEmpty()) {
      try {
        batch.add(waiting.take());
        waiting.drainTo(batch, MOST_PER_FLUSH - 1);
        publish(batch);
      } catch (InterruptedException e) {
        // Only close() interrupts; the loop's condition lets what still waits go out first.
        if (waiting.isEmpty()) {
          return;
        }
      } finally {
        batch.clear();
      }
    }
  }

  private void publish(List<Item> batch) {
    var marks = new ArrayList<CompletableFuture<Void>>(1);
    try {
      for (var item : batch) {
        if (item.mark() == null) {
          last = connection.async().publish(item.channel(), item.message());
        } else {
          marks.add(item.mark());
        }
      }
      connection.flushCommands();
    } catch (RedisException e) {
      fail(marks, e);
      return;
    }
    if (last == null) {
      marks.forEach(mark -> mark.complete(null));
      return;
    }
    // Replies come in the order of the commands, so the last one stands for all.
    last.whenComplete((receivers, error) -> {
      if (error == null) {
        broken = false;
        marks.forEach(mark -> mark.complete(null));
      } else {
        fail(marks, error);
      }
    });
  }

  private void fail(List<CompletableFuture<Void>> marks, Throwable error) {
    warnOnce(String.valueOf(error.getMessage()));
    marks.forEach(mark -> mark.completeExceptionally(error));
  }

  private void warnOnce(String why) {
    if (!broken) {
      broken = true;
      LOG.warn("Events of running flows cannot be published and are dropped: {}", why);
    }
  }
}
