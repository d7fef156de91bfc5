package dev.millrace.cluster.events;

/** Too many events wait; this one was not added. Publish again later, or start more consumers. */
public class QueueFullException extends RuntimeException {
  public QueueFullException(String channel, long limit) {
    super(
        "%,d events of %s wait already, more are not taken; publish again later or start more consumers"
            .formatted(limit, channel));
  }
}
