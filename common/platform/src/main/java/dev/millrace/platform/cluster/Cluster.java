package dev.millrace.platform.cluster;

import dev.millrace.cluster.cache.Caches;
import dev.millrace.cluster.events.EventQueue;
import dev.millrace.cluster.locks.Locks;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.sync.SyncMessages;
import java.time.Duration;

/**
 * What the nodes of a cluster share, the same on one node and on fifty. {@link ClusterParts} makes
 * it.
 *
 * @param caches values that are dear to compute
 * @param pubSub messages to whoever listens
 * @param syncMessages messages about state that other nodes hold in memory
 * @param eventQueue work for whichever node has time
 * @param locks one at a time
 */
public record Cluster(
    Caches caches, PubSub pubSub, SyncMessages syncMessages, EventQueue eventQueue, Locks locks) {

  /** Begins to send, hear and take events; to be called once everything has subscribed. */
  public void connect() {
    pubSub.connect();
    syncMessages.connect();
    eventQueue.connect();
  }

  /** Takes no more events, lets those that are handled end, and closes everything else. */
  public void close(Duration drain) {
    eventQueue.close(drain);
    syncMessages.close();
    pubSub.close();
    locks.close();
    caches.close();
  }
}
