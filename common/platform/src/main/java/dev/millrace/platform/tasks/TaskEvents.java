package dev.millrace.platform.tasks;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.Subscription;
import dev.millrace.cluster.pubsub.MessageHandler;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.pubsub.PublishOptions;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells every node that a task moved on, so that whichever has a client that listens can pass it
 * on. A message may be lost; whoever needs to be sure looks at the task now and then. Thread-safe.
 */
public final class TaskEvents implements AutoCloseable {
  private static final String CHANNEL = "async-tasks";

  private final PubSub pubSub;
  private final Map<UUID, Set<Runnable>> listeners = new ConcurrentHashMap<>();
  private final Subscription subscription;

  record Moved(UUID id) {}

  public TaskEvents(PubSub pubSub) {
    this.pubSub = pubSub;
    this.subscription =
        pubSub.subscribe(
            CHANNEL,
            new MessageHandler() {
              @Override
              public void handle(Payload message) {
                var moved = message.as(Moved.class);
                if (moved != null) {
                  listeners.getOrDefault(moved.id(), Set.of()).forEach(Runnable::run);
                }
              }

              @Override
              public void onGap() {
                listeners.values().forEach(all -> all.forEach(Runnable::run));
              }
            });
  }

  /** Tells that a task moved on. */
  void moved(UUID id) {
    pubSub.publish(CHANNEL, new Moved(id), PublishOptions.EVERYONE);
  }

  /** Calls a listener whenever a task may have moved on. It must not block. */
  public Subscription listen(UUID id, Runnable listener) {
    listeners.computeIfAbsent(id, _ -> ConcurrentHashMap.newKeySet()).add(listener);
    return () ->
        listeners.computeIfPresent(
            id,
            (_, all) -> {
              all.remove(listener);
              return all.isEmpty() ? null : all;
            });
  }

  @Override
  public void close() {
    subscription.close();
  }
}
