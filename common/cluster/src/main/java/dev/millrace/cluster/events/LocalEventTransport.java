package dev.millrace.cluster.events;

import dev.millrace.cluster.Payload;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Events in the memory of this process. What waits when it stops in an orderly way is in a file
 * until it starts again; a crash loses it.
 */
public final class LocalEventTransport implements EventTransport {
  /** How many events of a channel may wait. */
  public static final int DEFAULT_LIMIT = 10_000;

  private final @Nullable EventFile file;
  private final int limit;
  private final Map<String, Mailbox> mailboxes = new ConcurrentHashMap<>();

  /**
   * @param file keeps events from an orderly stop to the next start; null drops them
   * @param limit how many events of a channel may wait
   */
  public LocalEventTransport(@Nullable Path file, int limit) {
    this.file = file == null ? null : new EventFile(file);
    this.limit = limit;
  }

  @Override
  public void open() {
    if (file != null) {
      file.takeAll().forEach((channel, events) -> mailbox(channel).restore(events));
    }
  }

  @Override
  public String publish(String channel, Payload message, EventOptions options) {
    var id = UUID.randomUUID().toString();
    mailbox(channel).add(new Attempt(id, message, options, 0), options.delay());
    return id;
  }

  @Override
  public Consumption consume(String channel, Consumer consumer) {
    return PullLoop.start(channel, mailbox(channel), consumer);
  }

  @Override
  public long waiting(String channel) {
    return mailbox(channel).size();
  }

  @Override
  public List<DeadLetter> deadLetters(String channel, int limit) {
    return mailbox(channel).deadLetters(limit);
  }

  @Override
  public void close() {
    if (file != null) {
      var left = new TreeMap<String, List<EventFile.Stored>>();
      mailboxes.forEach((channel, mailbox) -> {
        var events = mailbox.drain();
        if (!events.isEmpty()) {
          left.put(channel, events);
        }
      });
      file.store(left);
    }
  }

  private Mailbox mailbox(String channel) {
    return mailboxes.computeIfAbsent(channel, name -> new Mailbox(name, limit));
  }
}
