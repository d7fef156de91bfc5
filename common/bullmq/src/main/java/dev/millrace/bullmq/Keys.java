package dev.millrace.bullmq;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/**
 * The names of a queue's keys: {@code <prefix>:<queue>:<suffix>}.
 *
 * <p>On a Redis Cluster the prefix must carry a hash tag, e.g. <code>{bull}</code>, since scripts
 * build job keys themselves.
 */
record Keys(String prefix, String queue) {
  /** The suffixes of a queue's own keys, besides those that begin with metrics. */
  private static final Set<String> OWN =
      Set.of(
          "active",
          "completed",
          "delay",
          "delayed",
          "events",
          "failed",
          "id",
          "limiter",
          "marker",
          "meta",
          "paused",
          "pc",
          "prioritized",
          "priority",
          "repeat",
          "stalled",
          "stalled-check",
          "wait",
          "waiting",
          "waiting-children");

  Keys {
    if (queue.isEmpty()) {
      throw new IllegalArgumentException("Queue name must be provided");
    }
    if (queue.indexOf(':') >= 0) {
      throw new IllegalArgumentException("Queue name cannot contain :");
    }
  }

  /** Returns prefix and name joined, as parents are referred to. */
  String qualifiedName() {
    return prefix + ":" + queue;
  }

  /** Returns what all keys of the queue begin with. */
  String base() {
    return qualifiedName() + ":";
  }

  String key(String suffix) {
    return base() + suffix;
  }

  /** Tells whether a suffix is of a key of the queue itself, so that no job may have it as id. */
  static boolean isOwn(String suffix) {
    return OWN.contains(suffix) || suffix.startsWith("metrics:");
  }

  String job(String id) {
    return base() + id;
  }

  String meta() {
    return key("meta");
  }

  String events() {
    return key("events");
  }

  String marker() {
    return key("marker");
  }

  /** Returns the connection name that makes a worker show up in dashboards. */
  String workerClientName(String workerName) {
    return workerName.isEmpty() ? clientName() : clientName() + ":w:" + workerName;
  }

  /** Returns the connection name of a reader of the queue's events. */
  String eventsClientName() {
    return clientName() + ":qe";
  }

  private String clientName() {
    var name = Base64.getEncoder().encodeToString(queue.getBytes(StandardCharsets.UTF_8));
    return prefix + ":" + name;
  }
}
