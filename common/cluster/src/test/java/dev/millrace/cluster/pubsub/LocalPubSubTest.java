package dev.millrace.cluster.pubsub;

class LocalPubSubTest extends PubSubContract {
  private final LocalBus bus = new LocalBus();

  @Override
  PubSub newNode() {
    return new TransportPubSub(bus.join());
  }
}
