package dev.millrace.cluster.pubsub;

/** What an adapter does for {@link TransportPubSub}: carries texts between nodes. Thread-safe. */
public interface PubSubTransport {
  /** Hears what arrives; returns soon. */
  interface Listener {
    void received(String channel, String text);

    /** Texts of the channel may be missing between those before and those after. */
    void gap(String channel);
  }

  /** Begins; goes on trying in the background when the server is away. Called once. */
  void open(Listener listener);

  /** Wants a channel's texts, also its own. May be called before the connection stands. */
  void listen(String channel);

  /** Wants them no more. */
  void unlisten(String channel);

  /**
   * Sends a text to all that listen.
   *
   * @return false when it is lost for sure
   */
  boolean send(String channel, String text);

  boolean isOpen();

  void close();
}
