package dev.millrace.cluster.locks;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.pubsub.MessageHandler;
import dev.millrace.cluster.pubsub.PubSub;
import dev.millrace.cluster.pubsub.PublishOptions;
import dev.millrace.cluster.support.RedisLink;
import dev.millrace.cluster.support.RedisScript;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Locks in Redis: a key with a time to live, which is the lease. Of each node one caller at a time
 * asks for a lock; it looks again when it hears that it became free, and now and then.
 */
public final class RedisLocks extends GatedLocks {
  private static final String FREED = "millrace.lock.freed";
  private static final RedisScript ACQUIRE = RedisScript.of(RedisLocks.class, "acquire");
  private static final RedisScript RENEW = RedisScript.of(RedisLocks.class, "renew");
  private static final RedisScript RELEASE = RedisScript.of(RedisLocks.class, "release");

  private final RedisLink link;
  private final PubSub pubSub;

  /**
   * @param link closed by the caller, after this
   * @param pubSub closed by the caller, after this
   */
  public RedisLocks(RedisLink link, PubSub pubSub) {
    this.link = link;
    this.pubSub = pubSub;
    var _ = pubSub.subscribe(FREED, new Freed());
  }

  private final class Freed implements MessageHandler {
    @Override
    public void handle(Payload message) {
      var key = message.as(String.class);
      if (key != null) {
        wake(key);
      }
    }

    @Override
    public void onGap() {
      wakeAll();
    }
  }

  @Override
  protected Answer ask(String key, LockOptions options, Duration patience, Lock gate) {
    var owner = UUID.randomUUID().toString();
    var asked = System.nanoTime();
    List<byte[]> answer =
        link.list(
            "lock " + key,
            ACQUIRE,
            new String[] {physical(key), link.prefix() + "lock-token"},
            RedisLink.bytes(owner),
            RedisLink.bytes(Long.toString(options.ttl().toMillis())));
    var number = RedisLink.text(answer.get(1));
    if (answer.getFirst()[0] != '1') {
      return Answer.held(Duration.ofMillis(Math.max(1, Long.parseLong(number))));
    }
    var lock = new RedisLock(key, owner, Long.parseLong(number), options, asked, gate);
    lock.begin();
    return Answer.got(lock);
  }

  private String physical(String key) {
    return link.prefix() + "lock:" + key;
  }

  private final class RedisLock extends Lease {
    private final byte[] value;
    private final Lock gate;

    RedisLock(String key, String owner, long token, LockOptions options, long asked, Lock gate) {
      super(key, token, options, asked);
      this.gate = gate;
      value = RedisLink.bytes(owner + " " + token);
    }

    void begin() {
      start();
    }

    @Override
    protected boolean renew(Duration length) {
      var renewed =
          link.number(
              "lock " + key(),
              RENEW,
              new String[] {physical(key())},
              value,
              RedisLink.bytes(Long.toString(length.toMillis())));
      return renewed == 1;
    }

    @Override
    protected void free() {
      try {
        var freed = link.number("lock " + key(), RELEASE, new String[] {physical(key())}, value);
        if (freed == 1) {
          var _ = pubSub.publish(FREED, key(), PublishOptions.DEFAULT);
        }
      } finally {
        gate.release();
      }
    }
  }
}
