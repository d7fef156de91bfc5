package dev.millrace.bullmq;

/**
 * The options of a queue.
 *
 * @param prefix what all its keys begin with
 * @param maxLenEvents about how many entries the event stream keeps
 * @param compat which clients share the queue
 * @param defaultJobOptions what jobs have that do not say otherwise
 */
public record QueueOptions(
    String prefix, long maxLenEvents, Compat compat, JobOptions defaultJobOptions) {
  public static final QueueOptions DEFAULT =
      new QueueOptions("bull", 10_000, Compat.V6, JobOptions.NONE);

  public QueueOptions {
    if (maxLenEvents < 0) {
      throw new IllegalArgumentException("maxLenEvents must not be negative: " + maxLenEvents);
    }
  }

  public QueueOptions withPrefix(String value) {
    return new QueueOptions(value, maxLenEvents, compat, defaultJobOptions);
  }

  public QueueOptions withMaxLenEvents(long value) {
    return new QueueOptions(prefix, value, compat, defaultJobOptions);
  }

  public QueueOptions withCompat(Compat value) {
    return new QueueOptions(prefix, maxLenEvents, value, defaultJobOptions);
  }

  public QueueOptions withDefaultJobOptions(JobOptions value) {
    return new QueueOptions(prefix, maxLenEvents, compat, value);
  }
}
