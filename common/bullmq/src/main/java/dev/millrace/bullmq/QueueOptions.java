package dev.millrace.bullmq;

/**
 * The options of a queue.
 *
 * @param prefix what all its keys begin with
 * @param maxLenEvents about how many entries the event stream keeps
 * @param compat which clients share the queue
 * @param defaultJobOptions what jobs have that do not say otherwise
 * @param listener is told what is done through the {@link Queue}
 */
public record QueueOptions(
    String prefix,
    long maxLenEvents,
    Compat compat,
    JobOptions defaultJobOptions,
    QueueListener listener) {
  public static final QueueOptions DEFAULT =
      new QueueOptions("bull", 10_000, Compat.V6, JobOptions.NONE, QueueListener.NONE);

  public QueueOptions {
    if (maxLenEvents < 0) {
      throw new IllegalArgumentException("maxLenEvents must not be negative: " + maxLenEvents);
    }
  }

  public QueueOptions withPrefix(String value) {
    return new QueueOptions(value, maxLenEvents, compat, defaultJobOptions, listener);
  }

  public QueueOptions withMaxLenEvents(long value) {
    return new QueueOptions(prefix, value, compat, defaultJobOptions, listener);
  }

  public QueueOptions withCompat(Compat value) {
    return new QueueOptions(prefix, maxLenEvents, value, defaultJobOptions, listener);
  }

  public QueueOptions withDefaultJobOptions(JobOptions value) {
    return new QueueOptions(prefix, maxLenEvents, compat, value, listener);
  }

  public QueueOptions withListener(QueueListener value) {
    return new QueueOptions(prefix, maxLenEvents, compat, defaultJobOptions, value);
  }
}
