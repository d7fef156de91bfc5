package dev.millrace.cluster.pubsub;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Carries texts inside this process: to one node usually, in tests to several. */
public final class LocalBus {
  private final List<Member> members = new CopyOnWriteArrayList<>();

  /** Returns the transport of one more node. */
  public PubSubTransport join() {
    return new Member();
  }

  private final class Member implements PubSubTransport {
    private final Set<String> channels = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Listener listener;

    @Override
    public void open(Listener to) {
      listener = to;
      members.add(this);
    }

    @Override
    public void listen(String channel) {
      channels.add(channel);
    }

    @Override
    public void unlisten(String channel) {
      channels.remove(channel);
    }

    @Override
    public boolean send(String channel, String text) {
      members.forEach(member -> member.receive(channel, text));
      return true;
    }

    private void receive(String channel, String text) {
      var to = listener;
      if (to != null && channels.contains(channel)) {
        to.received(channel, text);
      }
    }

    @Override
    public boolean isOpen() {
      return listener != null;
    }

    @Override
    public void close() {
      members.remove(this);
      listener = null;
    }
  }
}
