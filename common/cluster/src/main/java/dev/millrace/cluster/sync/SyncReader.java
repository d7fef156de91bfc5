package dev.millrace.cluster.sync;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a channel from where it was, for one handler, at that handler's pace. */
final class SyncReader {
  private static final Logger LOG = LoggerFactory.getLogger(SyncReader.class);
  private static final int BATCH = 200;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final long UNKNOWN = -1;

  private final String channel;
  private final SyncHandler handler;
  private final SyncLog log;
  private final String self;
  private final Semaphore news = new Semaphore(0);
  private volatile boolean closed;
  private long position = UNKNOWN;

  SyncReader(String channel, SyncHandler handler, SyncLog log, String self) {
    this.channel = channel;
    this.handler = handler;
    this.log = log;
    this.self = self;
  }

  String channel() {
    return channel;
  }

  /** Begins where the log ends now, so that nothing is missed that comes after this returned. */
  void start() {
    try {
      position = log.last();
    } catch (RuntimeException e) {
      LOG.warn("sync messages of {} cannot be read yet: {}", channel, e.toString());
    }
    Thread.ofVirtual().name("sync-" + channel).start(this::run);
  }

  void look() {
    news.release();
  }

  void close() {
    closed = true;
    news.release();
  }

  private void run() {
    try {
      while (!closed) {
        if (!catchUp()) {
          Thread.sleep(PAUSE);
          continue;
        }
        news.acquire();
        news.drainPermits();
      }
    } catch (InterruptedException e) {
      LOG.debug("reader of {} was interrupted", channel);
    }
  }

  /** Returns false when the log is away. */
  private boolean catchUp() {
    try {
      if (position == UNKNOWN) {
        // What came since the start was missed, and nobody knows what it was.
        position = log.last();
        tell(handler::onGap);
      }
      var full = true;
      while (full && !closed) {
        var last = log.last();
        var entries = log.read(channel, position, BATCH);
        var forgotten = log.forgotten();
        if (position < forgotten) {
          LOG.warn("this node was away for too long: sync messages of {} are missing", channel);
          position = forgotten;
          tell(handler::onGap);
          continue;
        }
        for (var entry : entries) {
          if (!closed && !entry.origin().equals(self)) {
            tell(() -> handler.handle(entry.message()));
          }
          position = entry.number();
        }
        full = entries.size() == BATCH;
        if (!full) {
          // Nothing up to there is this channel's, so what is forgotten of it was none of ours.
          position = Math.max(position, last);
        }
      }
      return true;
    } catch (RuntimeException e) {
      LOG.warn("sync messages of {} wait, next try in {}: {}", channel, PAUSE, e.toString());
      return false;
    }
  }

  private interface Call {
    void run() throws Exception;
  }

  // Also an Error of a handler, e.g. a missing class of a plugin, spoils one message only.
  private void tell(Call call) {
    try {
      call.run();
    } catch (Throwable e) {
      LOG.warn("a sync handler of {} failed; it gets the next message all the same", channel, e);
    }
  }
}
