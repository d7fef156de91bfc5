package dev.millrace.cluster.sync;

import dev.millrace.cluster.MessageTooLargeException;
import dev.millrace.cluster.Payload;
import dev.millrace.cluster.Subscription;
import dev.millrace.cluster.pubsub.MessageHandler;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.support.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sync messages in a log that every node reads for itself. Pub/sub only says that there is
 * something to read: what it loses comes at the next look, after {@link #DEFAULT_LOOK}.
 */
public final class LoggedSyncMessages implements SyncMessages {
  /** How often a node looks by itself. */
  public static final Duration DEFAULT_LOOK = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(LoggedSyncMessages.class);
  private static final String CHANNEL = "millrace.sync";

  private final SyncLog log;
  private final PubSub pubSub;
  private final Duration look;
  private final List<SyncReader> readers = new CopyOnWriteArrayList<>();
  private final Semaphore appended = new Semaphore(0);
  private @Nullable Subscription heard;
  private volatile boolean connected;
  private volatile boolean closed;

  /**
   * @param pubSub connected and closed by the caller, who closes it after this
   * @param look how often a node looks by itself
   */
  public LoggedSyncMessages(SyncLog log, PubSub pubSub, Duration look) {
    this.log = log;
    this.pubSub = pubSub;
    this.look = look;
  }

  @Override
  public synchronized Subscription subscribe(String channel, SyncHandler handler) {
    var reader = new SyncReader(channel, handler, log, pubSub.nodeId());
    if (closed) {
      LOG.warn("sync messages are closed; {} is not subscribed", channel);
      return () -> {};
    }
    readers.add(reader);
    if (connected) {
      reader.start();
    }
    return () -> {
      readers.remove(reader);
      reader.close();
    };
  }

  @Override
  public void publish(String channel, @Nullable Object message) {
    append(channel, message, null);
  }

  @Override
  public void publish(String channel, @Nullable Object message, Transaction transaction) {
    append(channel, message, transaction);
  }

  private void append(String channel, @Nullable Object message, @Nullable Transaction transaction) {
    var payload = MessageTooLargeException.check(channel, Payload.of(message));
    log.append(channel, pubSub.nodeId(), payload, transaction, appended::release);
  }

  @Override
  public synchronized void connect() {
    if (connected || closed) {
      throw new IllegalStateException("sync messages connect once");
    }
    connected = true;
    readers.forEach(SyncReader::start);
    heard = pubSub.subscribe(CHANNEL, new Nudges());
    Thread.ofVirtual().name("sync-relay").start(this::relay);
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (heard != null) {
      heard.close();
    }
    readers.forEach(SyncReader::close);
    appended.release();
  }

  /** Numbers messages, this node's at once and those of dead nodes in passing, and tells all. */
  private void relay() {
    var seen = -1L;
    while (!closed) {
      try {
        var _ = appended.tryAcquire(look.toMillis(), TimeUnit.MILLISECONDS);
        appended.drainPermits();
        if (closed) {
          return;
        }
        var told = log.number();
        if (!told.isEmpty()) {
          var _ = pubSub.publish(CHANNEL, told);
        }
        var last = log.last();
        if (last != seen) {
          seen = last;
          readers.forEach(SyncReader::look);
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("sync messages wait, next try in {}: {}", look, e.toString());
        var _ = Timer.after(look, appended::release);
      }
    }
  }

  private final class Nudges implements MessageHandler {
    @Override
    public void handle(Payload message) {
      var told = message.as(Map.class);
      if (told != null) {
        readers.stream()
            .filter(reader -> told.containsKey(reader.channel()))
            .forEach(SyncReader::look);
      }
    }

    @Override
    public void onGap() {
      readers.forEach(SyncReader::look);
    }
  }
}
