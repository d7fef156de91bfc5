package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A queue as producers and administrators see it.
 *
 * <p>Every method waits for Redis, for 10 s at most, and throws {@link RedisUnavailableException}
 * at once while there is no connection, {@link JobOperationException} when the queue refuses.
 * Thread-safe and cheap; it owns no connection and needs no closing.
 */
public final class Queue {
  private final QueueOptions options;
  private final Keys keys;
  private final Scripts scripts;
  private final SafeListener<QueueListener> listener;
  private final JobAdder adder;

  /**
   * @throws IllegalArgumentException when the name is empty or holds a colon
   */
  public Queue(RedisConnections connections, String name, QueueOptions options) {
    this.options = options;
    keys = new Keys(options.prefix(), name);
    scripts = new Scripts(connections, keys, options.compat(), false);
    listener = new SafeListener<>(options.listener(), "A queue's");
    adder = new JobAdder(scripts, options, listener);
  }

  public String name() {
    return keys.queue();
  }

  public QueueOptions options() {
    return options;
  }

  /** As {@link #add(String, String, JobOptions)} with the queue's default options. */
  public Job add(String name, String dataJson) {
    return add(name, dataJson, JobOptions.NONE);
  }

  /**
   * Adds a job. Jobs that threads add at the same time share round trips.
   *
   * @param dataJson JSON text, stored as it is
   * @return the job; the one that exists if its id or deduplication id is taken
   * @throws IllegalArgumentException when the options contradict each other
   */
  public Job add(String name, String dataJson, JobOptions jobOptions) {
    return join(addAsync(name, dataJson, jobOptions));
  }

  /**
   * As {@link #add(String, String, JobOptions)}, without waiting. The future fails with what {@code
   * add} throws.
   */
  public CompletableFuture<Job> addAsync(String name, String dataJson, JobOptions jobOptions) {
    return adder.add(new NewJob(name, dataJson, jobOptions));
  }

  /**
   * Adds jobs in order, in as few calls as their size allows. All are checked before any is sent.
   *
   * @throws BullMqException of the first job that was refused; the others are added all the same
   */
  public List<Job> addBulk(List<NewJob> jobs) {
    var replies = adder.addAll(jobs);
    var added = new ArrayList<Job>(jobs.size());
    for (var reply : replies) {
      added.add(join(reply));
    }
    return added;
  }

  /** Returns a job as it is now. */
  public Optional<Job> job(String id) {
    return getters().job(id);
  }

  /** Returns where a job is. */
  public JobState state(String id) {
    return getters().state(id);
  }

  /** Returns how many jobs are in each state. */
  public JobCounts counts() {
    return getters().counts();
  }

  /**
   * Removes a job and its children, in whatever state they are.
   *
   * @return false when a worker is processing it or one of its children, so that nothing was
   *     removed; true otherwise, also when there is no such job
   * @throws JobOperationException.Conflict when it is the next run of a scheduler
   */
  public boolean remove(String id) {
    return jobs().remove(id, JobOperations.Children.REMOVE);
  }

  /** Returns what can be done to single jobs. */
  public JobOperations jobs() {
    return new JobOperations(scripts, listener);
  }

  /** Returns what can be read of the queue. */
  public QueueGetters getters() {
    return new QueueGetters(scripts);
  }

  /** Returns what can be done to many jobs at once. */
  public QueueMaintenance maintenance() {
    return new QueueMaintenance(scripts, listener);
  }

  /** Returns the settings that all workers of the queue obey. */
  public QueueSettings settings() {
    return new QueueSettings(scripts);
  }

  /** Lets no further job start; those that are active go on. */
  public void pause() {
    setPaused(true);
  }

  /** Lets jobs start again. */
  public void resume() {
    setPaused(false);
  }

  public boolean isPaused() {
    return scripts.commands().call("isPaused", c -> c.hexists(keys.meta(), "paused"));
  }

  private void setPaused(boolean paused) {
    var flag = paused ? "1" : "";
    var reply = scripts.callNow(Script.PAUSE, flag, "");
    while (reply.getFirst().equals(1L)) {
      reply = scripts.callNow(Script.PAUSE, flag, "1");
    }
    listener.tell(paused ? QueueListener::paused : QueueListener::resumed);
  }

  /**
   * Writes an event of the application's own, which every {@link QueueEvents} of the queue sees.
   * (Node trims the stream to 1000 entries here; this keeps the queue's limit.)
   *
   * @return the entry's id in the stream
   */
  public String publishEvent(String event, Map<String, String> fields) {
    return new QueueEventsProducer(scripts.commands(), options.maxLenEvents())
        .publish(event, fields);
  }

  /** Returns what makes jobs again and again in this queue. */
  public JobSchedulers schedulers() {
    return new JobSchedulers(scripts, options.defaultJobOptions());
  }

  /** Returns how many jobs finished, in all and per minute. */
  public QueueMetrics metrics() {
    return new QueueMetrics(scripts);
  }

  /** Returns the workers that are connected now, of whatever language. */
  public List<WorkerInfo> workers() {
    return WorkerInfo.of(
        keys, scripts.commands().call("workers", commands -> commands.clientList()));
  }

  /**
   * Returns the readers of the queue's events ({@link QueueEvents}) that are connected now, of
   * whatever language: what {@code CLIENT LIST} says of each.
   */
  public List<Map<String, String>> eventReaders() {
    var clients = scripts.commands().call("eventReaders", commands -> commands.clientList());
    return ClientList.parse(clients)
        .filter(fields -> keys.eventsClientName().equals(fields.get("name")))
        .toList();
  }

  Keys keys() {
    return keys;
  }

  private <T> T join(CompletableFuture<T> reply) {
    try {
      return Scripts.await(scripts.limit(reply), "queue " + keys.queue());
    } catch (CompletionException e) {
      throw RedisErrors.translate(e, "queue " + keys.queue());
    }
  }
}
