package dev.millrace.bullmq;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A queue whose jobs have data of one type and results of another. It adds and reads jobs; all else
 * is done with {@link #raw}. Thread-safe.
 *
 * @param <T> the data
 * @param <R> the results
 */
public final class TypedQueue<T, R> {
  private final Queue queue;
  private final JobCodec<T> data;
  private final JobCodec<R> results;

  public TypedQueue(Queue queue, JobCodec<T> data, JobCodec<R> results) {
    this.queue = queue;
    this.data = data;
    this.results = results;
  }

  /** Returns the queue that this one is a view of. */
  public Queue raw() {
    return queue;
  }

  /** Adds a job; see {@link Queue#add(String, String, JobOptions)}. */
  public Job add(String name, T value, JobOptions options) {
    return queue.add(name, data.encode(value), options);
  }

  /** Adds a job with the queue's default options. */
  public Job add(String name, T value) {
    return add(name, value, JobOptions.NONE);
  }

  /** Adds a job without waiting; see {@link Queue#addAsync}. */
  public CompletableFuture<Job> addAsync(String name, T value, JobOptions options) {
    return queue.addAsync(name, data.encode(value), options);
  }

  /** Adds jobs of one name in order; see {@link Queue#addBulk}. */
  public List<Job> addBulk(String name, List<T> values, JobOptions options) {
    return queue.addBulk(
        values.stream().map(value -> new NewJob(name, data.encode(value), options)).toList());
  }

  /** Makes jobs again and again; see {@link JobSchedulers#upsert}. */
  public Optional<Job> schedule(
      String id, Repeat repeat, String name, T value, JobOptions options) {
    return queue.schedulers().upsert(id, repeat, new NewJob(name, data.encode(value), options));
  }

  /** Returns the data of a job. */
  public T data(Job job) {
    return data.decode(job.data());
  }

  /** Returns what a job came to; empty while it has no result, and when that is JSON's null. */
  public Optional<R> result(Job job) {
    return Optional.ofNullable(job.returnValue()).flatMap(this::decode);
  }

  /**
   * Waits until a job has ended; see {@link QueueEvents#waitUntilFinished}.
   *
   * @return its result; empty when that is JSON's null
   */
  public Optional<R> waitUntilFinished(QueueEvents events, Job job, Duration limit)
      throws InterruptedException {
    return decode(events.waitUntilFinished(job, limit));
  }

  private Optional<R> decode(String json) {
    return json.equals("null") ? Optional.empty() : Optional.of(results.decode(json));
  }
}
