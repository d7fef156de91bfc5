package dev.millrace.platform.cluster;

import dev.millrace.bullmq.RedisConnections;
import dev.millrace.cluster.cache.LocalCaches;
import dev.millrace.cluster.events.LocalEventTransport;
import dev.millrace.cluster.events.TransportEventQueue;
import dev.millrace.cluster.locks.LocalLocks;
import dev.millrace.cluster.pubsub.LocalBus;
import dev.millrace.cluster.pubsub.TransportPubSub;
import dev.millrace.cluster.sync.LoggedSyncMessages;
import dev.millrace.cluster.sync.MemorySyncLog;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.settings.Settings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Makes the primitives of a cluster. */
public final class ClusterParts {
  private ClusterParts() {}

  /**
   * Returns those that suit the settings.
   *
   * @param redis null in MODE=main: this process is the cluster
   */
  public static Cluster of(Settings settings, Database database, @Nullable RedisConnections redis) {
    return inProcess(settings.home());
  }

  /**
   * Returns those of a cluster of one process.
   *
   * @param home the data folder, in which events wait that an orderly stop left behind
   */
  public static Cluster inProcess(Path home) {
    var pubSub = new TransportPubSub(new LocalBus().join());
    return new Cluster(
        new LocalCaches(),
        pubSub,
        new LoggedSyncMessages(new MemorySyncLog(), pubSub, LoggedSyncMessages.DEFAULT_LOOK),
        new TransportEventQueue(
            new LocalEventTransport(
                home.resolve("event-queue.json"), LocalEventTransport.DEFAULT_LIMIT)),
        new LocalLocks());
  }
}
