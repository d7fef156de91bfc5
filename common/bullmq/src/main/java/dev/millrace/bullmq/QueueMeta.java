package dev.millrace.bullmq;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the meta hash of a queue says. Any client may write it: {@code version} and {@code
 * maxLenEvents} are those of whoever opened the queue last, e.g. a dashboard.
 *
 * @param concurrency how many jobs may be active in all workers together, if limited
 * @param max how many jobs may start per {@code duration}, if limited
 * @param duration ms
 * @param maxLenEvents about how many events are kept
 * @param others all further fields
 */
public record QueueMeta(
    boolean paused,
    @Nullable Long concurrency,
    @Nullable Long max,
    @Nullable Long duration,
    @Nullable Long maxLenEvents,
    @Nullable String version,
    Map<String, String> others) {
  public QueueMeta {
    others = Map.copyOf(others);
  }

  static QueueMeta read(Map<String, String> hash) {
    var others = new HashMap<>(hash);
    var paused = others.remove("paused") != null;
    return new QueueMeta(
        paused,
        number(others.remove("concurrency")),
        number(others.remove("max")),
        number(others.remove("duration")),
        number(others.remove("opts.maxLenEvents")),
        others.remove("version"),
        others);
  }

  /** What is no number counts as not set, as it does for the scripts. */
  static @Nullable Long number(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return (long) Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
