package dev.millrace.platform.tasks;

import dev.millrace.bullmq.RedisConnections;
import dev.millrace.cluster.events.EventTransport;
import dev.millrace.cluster.events.LocalEventTransport;
import dev.millrace.cluster.pubsub.LocalBus;
import dev.millrace.cluster.pubsub.PubSubTransport;
import dev.millrace.cluster.pubsub.RedisPubSubTransport;
import dev.millrace.cluster.support.RedisLink;
import dev.millrace.platform.cluster.BullMqEventTransport;
import dev.millrace.testing.TestRedis;
import io.lettuce.core.RedisURI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What connects the nodes of a test. */
final class TaskWires implements AutoCloseable {
  private static final int LIMIT = 1_000;

  /** Over what. */
  enum Kind {
    IN_PROCESS,
    REDIS
  }

  private final Kind kind;
  private final LocalBus bus = new LocalBus();
  private final String name = "tasks-" + UUID.randomUUID();
  private final List<Runnable> open = new ArrayList<>();

  TaskWires(Kind kind) {
    this.kind = kind;
  }

  PubSubTransport pubSub() {
    if (kind == Kind.IN_PROCESS) {
      return bus.join();
    }
    var link = new RedisLink(TestRedis.url(), name + ":");
    open.add(link::close);
    return new RedisPubSubTransport(link);
  }

  EventTransport events() {
    if (kind == Kind.IN_PROCESS) {
      return new LocalEventTransport(null, LIMIT);
    }
    var connections = RedisConnections.connect(RedisURI.create(TestRedis.url()));
    open.add(connections::close);
    return new BullMqEventTransport(connections, name, LIMIT);
  }

  @Override
  public void close() {
    open.reversed().forEach(Runnable::run);
  }
}
