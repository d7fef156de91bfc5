package dev.millrace.cluster;

/** What a subscriber holds; closing it ends the subscription. Closing it again does nothing. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
  @Override
  void close();
}
