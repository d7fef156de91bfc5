package dev.millrace.server.dashboard;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.bullmq.JobState;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueDirectory;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.QueueOverview;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.RedisUnavailableException;
import dev.millrace.bullmq.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The BullMQ queues of a Redis: ours always, every other one from when it is found. Thread-safe.
 */
final class BullQueues implements QueueSource {
  private static final Logger LOG = LoggerFactory.getLogger(BullQueues.class);

  /** Finding queues reads the names of all keys, which must stay a small part of Redis' work. */
  private static final Duration SEARCH_EVERY = Duration.ofSeconds(5);

  private static final int SEARCH_SHARE = 50;

  private final RedisConnections redis;
  private final QueueOptions options;
  private final QueueDirectory directory;
  private final List<String> own;
  private final BullQueue.Parts parts;
  private final AtomicBoolean searching = new AtomicBoolean();
  private volatile Found found;

  private record Found(Set<String> names, long nextSearchNanos) {}

  /**
   * @param own names of queues that are shown whether they exist or not
   */
  BullQueues(
      RedisConnections redis, QueueOptions options, List<String> own, BullQueue.Parts parts) {
    this.redis = redis;
    this.options = options;
    this.own = List.copyOf(own);
    this.parts = parts;
    directory = new QueueDirectory(redis, options);
    found = new Found(Set.of(), System.nanoTime());
  }

  @Override
  public List<QueueSummary> summaries() {
    search();
    var names = new LinkedHashSet<>(own);
    names.addAll(found.names());
    var list = List.copyOf(names);
    var workers = workers(list);
    var summaries = new ArrayList<QueueSummary>();
    for (var overview : directory.overviews(list)) {
      summaries.add(summary(overview, workers));
    }
    return summaries;
  }

  @Override
  public Optional<BoardQueue> find(String name) {
    return own.contains(name) || found.names().contains(name) || directory.exists(name)
        ? Optional.of(queue(name))
        : Optional.empty();
  }

  /** Returns what Redis says of itself. */
  String serverInfo() {
    return directory.serverInfo();
  }

  private BoardQueue queue(String name) {
    return new BullQueue(redis, new Queue(redis, name, options), parts);
  }

  private QueueSummary summary(
      QueueOverview overview, @Nullable Map<String, List<WorkerInfo>> workers) {
    var counts = new LinkedHashMap<String, Long>();
    BullQueue.STATES.forEach(state -> counts.put(state.wireName(), overview.counts().of(state)));
    return new QueueSummary(
        queue(overview.queue()),
        counts,
        overview.paused(),
        overview.concurrency(),
        overview.limited().toMillis(),
        overview.schedulers(),
        workers == null ? null : !workers.getOrDefault(overview.queue(), List.of()).isEmpty());
  }

  private @Nullable Map<String, List<WorkerInfo>> workers(List<String> names) {
    try {
      return directory.workers(names);
    } catch (RedisUnavailableException e) {
      throw e;
    } catch (BullMqException e) {
      // Some hosted ones do not list their clients.
      LOG.debug("Redis does not say who works", e);
      return null;
    }
  }

  /** Looks for queues, if the last look was long enough ago: the first waits, the others do not. */
  private void search() {
    if (System.nanoTime() - found.nextSearchNanos() < 0 || !searching.compareAndSet(false, true)) {
      return;
    }
    if (found.names().isEmpty()) {
      searchNow();
    } else {
      Thread.ofVirtual().name("queue-search").start(this::searchNow);
    }
  }

  private void searchNow() {
    var began = System.nanoTime();
    try {
      var names = directory.names();
      var took = System.nanoTime() - began;
      var rest = Math.max(SEARCH_EVERY.toNanos(), took * SEARCH_SHARE);
      found = new Found(names, System.nanoTime() + rest);
    } catch (BullMqException e) {
      LOG.debug("queues cannot be looked for now", e);
    } finally {
      searching.set(false);
    }
  }

  /** Returns the state of a name in the contract; empty for what no BullMQ queue has. */
  static Optional<JobState> state(String name) {
    return BullQueue.STATES.stream().filter(state -> state.wireName().equals(name)).findFirst();
  }
}
