package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.RedisProcess;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random work, seeded, while workers die and Redis restarts: no job is lost, none is completed
 * twice unless it was asked for, none stays active.
 */
@Timeout(80)
class InvariantsIT {
  private static final QueueOptions OPTIONS = QueueOptions.DEFAULT.withMaxLenEvents(200_000);
  private static final int PRODUCERS = 3;
  private static final int OPERATIONS = 400;
  private static final int LOOKS = 1000;
  private static final Duration SETTLED = Duration.ofSeconds(30);

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<String> families = ConcurrentHashMap.newKeySet();
  private final Set<String> removed = ConcurrentHashMap.newKeySet();

  /** Whoever removes jobs without knowing which has it alone. */
  private final ReentrantReadWriteLock emptying = new ReentrantReadWriteLock();

  private final List<RedisConnections> opened = new ArrayList<>();
  private final List<Worker> workers = new ArrayList<>();

  @Test
  void holdWhileWorkersDie() throws Exception {
    try (var redis = RedisProcess.start()) {
      run(redis, 20261122, false);
    }
  }

  @Test
  void holdWhileRedisRestarts() throws Exception {
    try (var redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always")) {
      run(redis, 4711, true);
    }
  }

  private void run(RedisProcess redis, long seed, boolean restart) throws Exception {
    var connections = connect(redis);
    var queue = new Queue(connections, "q", OPTIONS);
    startWorker(redis);
    var doomed = startWorker(redis);
    var producing = new CountDownLatch(PRODUCERS);
    for (var i = 0; i < PRODUCERS; i++) {
      var random = new Random(seed + i);
      Thread.ofVirtual()
          .start(() -> {
            try {
              produce(connections, queue, random);
            } finally {
              producing.countDown();
            }
          });
    }
    await().until(() -> acknowledged.size() > OPERATIONS / 3);
    // It dies with whatever it has: nobody stops the worker, its connections just end.
    doomed.close();
    if (restart) {
      redis.kill();
      redis.restart();
    } else {
      killConnections(redis);
      await().until(() -> acknowledged.size() > OPERATIONS / 2);
      startWorker(redis).close();
      startWorker(redis);
    }
    checkUntilDone(redis, producing);
    queue.resume();
    queue.schedulers().list().forEach(scheduler -> queue.schedulers().remove(scheduler.id()));
    settle(redis, queue);
    workers.forEach(worker -> Thread.ofVirtual().start(() -> worker.stop(Duration.ZERO)));
    opened.forEach(RedisConnections::close);
  }

  /** Ends every connection to the server, in the middle of whatever they do. */
  private static void killConnections(RedisProcess redis) {
    try (var connections = RedisConnections.connect(RedisURI.create(redis.url()));
        var killer = connections.dedicated("killer")) {
      assertThat(killer.sync().clientKill(KillArgs.Builder.typeNormal().skipme(true))).isPositive();
    }
  }

  /** Looks at the keys again and again while everything changes them. */
  private static void checkUntilDone(RedisProcess redis, CountDownLatch producing)
      throws InterruptedException {
    var looks = 0;
    try (var connections = RedisConnections.connect(RedisURI.create(redis.url()))) {
      var invariants = new InvariantsAtWork(connections.shared().sync(), new Keys("bull", "q"));
      for (var done = false; !done; looks++) {
        assertThat(looks).isLessThan(LOOKS);
        invariants.check();
        done = producing.await(50, TimeUnit.MILLISECONDS);
      }
    }
    assertThat(looks).isPositive();
  }

  private void settle(RedisProcess redis, Queue queue) {
    try (var connections = RedisConnections.connect(RedisURI.create(redis.url()))) {
      await()
          .atMost(SETTLED)
          .until(() -> {
            var counts = queue.counts();
            return counts.active()
                    + counts.waiting()
                    + counts.delayed()
                    + counts.prioritized()
                    + counts.waitingChildren()
                == 0;
          });
      var commands = connections.shared().sync();
      new Invariants(commands, new Keys("bull", "q")).check();
      acknowledged.addAll(families);
      acknowledged.removeAll(removed);
      for (var id : acknowledged) {
        assertThat(queue.state(id)).as("job " + id).isIn(JobState.COMPLETED, JobState.FAILED);
      }
    }
  }

  private RedisConnections connect(RedisProcess redis) {
    var connections = RedisConnections.connect(RedisURI.create(redis.url()));
    opened.add(connections);
    return connections;
  }

  /** Returns the connections of a new worker, whose end is its death. */
  private RedisConnections startWorker(RedisProcess redis) {
    var connections = connect(redis);
    var options =
        TestQueue.workerOptions()
            .concurrency(5)
            .lockDuration(Duration.ofSeconds(1))
            .stalledInterval(Duration.ofMillis(500))
            .maxStalledCount(10)
            .metrics(10)
            .build();
    workers.add(
        Worker.start(
            connections,
            "q",
            job -> {
              var data = Integer.parseInt(job.job().data());
              if (data % 10 == 0 && job.job().attemptsMade() == 0) {
                throw new IllegalStateException("the first attempt fails");
              }
              if (data % 31 == 0) {
                job.updateProgress("1");
              }
              return job.job().data();
            },
            options));
    return connections;
  }

  private void produce(RedisConnections redis, Queue queue, Random random) {
    for (var i = 0; i < OPERATIONS; i++) {
      try {
        if (random.nextInt(50) == 0) {
          empty(queue, random);
        } else {
          emptying.readLock().lock();
          try {
            operate(redis, queue, random);
          } finally {
            emptying.readLock().unlock();
          }
        }
      } catch (RedisUnavailableException e) {
        // What was not acknowledged may or may not be there.
        await()
            .ignoreException(RedisUnavailableException.class)
            .untilAsserted(() -> assertThat(queue.counts()).isNotNull());
      }
    }
  }

  private void operate(RedisConnections redis, Queue queue, Random random) {
    var data = Integer.toString(random.nextInt(1000));
    switch (random.nextInt(20)) {
      case 0 -> queue.pause();
      case 1, 2 -> queue.resume();
      case 3 -> {
        var bulk = new ArrayList<NewJob>();
        for (var n = random.nextInt(20); n >= 0; n--) {
          bulk.add(new NewJob("bulk", data, JobOptions.NONE));
        }
        queue.addBulk(bulk).forEach(job -> acknowledged.add(job.id()));
      }
      case 4 ->
          one(acknowledged, random)
              .ifPresent(victim -> {
                removed.add(victim);
                queue.remove(victim);
              });
      case 5 -> add(queue, data, JobOptions.builder().delay(random.nextLong(1, 300)));
      case 6 -> add(queue, data, JobOptions.builder().priority(random.nextInt(1, 5)));
      case 7 ->
          add(
              queue,
              data,
              JobOptions.builder()
                  .deduplication(Deduplication.untilFinished("d" + random.nextInt(3))));
      case 8 -> add(queue, data, JobOptions.builder().lifo(true).attempts(2));
      case 9 -> addFamily(new FlowProducer(redis, OPTIONS), data, random);
      case 10 -> {
        var every = Repeat.every(Duration.ofMillis(random.nextLong(20, 100)));
        queue
            .schedulers()
            .upsert("s" + random.nextInt(3), every, new NewJob("run", data, JobOptions.NONE));
      }
      case 11 -> queue.schedulers().remove("s" + random.nextInt(3));
      case 12, 13, 14, 15 -> change(queue, random);
      case 16 -> queue.maintenance().promoteJobs();
      case 17 -> queue.maintenance().retryJobs(JobState.FAILED);
      default -> add(queue, data, JobOptions.builder().attempts(3).backoff(Backoff.fixed(20)));
    }
  }

  private static Optional<String> one(Set<String> ids, Random random) {
    return ids.stream().skip(random.nextInt(20)).findFirst();
  }

  /** Changes a job, whatever its state is: most are refused. */
  private void change(Queue queue, Random random) {
    var found = one(random.nextBoolean() ? acknowledged : families, random);
    if (found.isEmpty()) {
      return;
    }
    var id = found.get();
    try {
      switch (random.nextInt(4)) {
        case 0 -> queue.jobs().promote(id);
        case 1 -> queue.jobs().changePriority(id, random.nextInt(4), random.nextBoolean());
        case 2 -> queue.jobs().changeDelay(id, Duration.ofMillis(random.nextInt(200)));
        default -> queue.jobs().retry(id, JobState.FAILED, JobOperations.Reset.ATTEMPTS);
      }
    } catch (JobOperationException e) {
      assertThat(e.code()).as(e.getMessage()).isIn(-1, -3);
    }
  }

  /** Removes jobs wholesale; which of those that were there are gone is not told. */
  private void empty(Queue queue, Random random) {
    emptying.writeLock().lock();
    try {
      removed.addAll(acknowledged);
      removed.addAll(families);
      switch (random.nextInt(4)) {
        case 0 -> queue.maintenance().drain(random.nextBoolean());
        case 1 -> queue.maintenance().clean(JobState.COMPLETED, Duration.ZERO, 20);
        case 2 -> queue.maintenance().clean(JobState.FAILED, Duration.ZERO, 20);
        default -> queue.maintenance().clean(JobState.DELAYED, Duration.ZERO, 20);
      }
    } finally {
      emptying.writeLock().unlock();
    }
  }

  private void add(Queue queue, String data, JobOptions.Builder options) {
    acknowledged.add(queue.add("j", data, options.build()).id());
  }

  /**
   * Adds a parent whose children may fail, in every way that does not leave it waiting for good.
   */
  private void addFamily(FlowProducer flows, String data, Random random) {
    var children = new ArrayList<FlowJob>();
    for (var n = random.nextInt(1, 5); n > 0; n--) {
      var options = JobOptions.builder();
      switch (random.nextInt(4)) {
        case 0 -> options.failParentOnFailure(true);
        case 1 -> options.continueParentOnFailure(true);
        case 2 -> options.ignoreDependencyOnFailure(true);
        default -> options.removeDependencyOnFailure(true);
      }
      var childData = Integer.toString(random.nextInt(1000));
      children.add(new FlowJob("child", "q", childData).withOptions(options.build()));
    }
    var added = flows.add(new FlowJob("parent", "q", data).withChildren(children));
    families.add(added.job().id());
    added.children().forEach(child -> families.add(child.job().id()));
  }
}
