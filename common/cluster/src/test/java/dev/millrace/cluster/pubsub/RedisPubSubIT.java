package dev.millrace.cluster.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.RedisNodes;
import dev.millrace.cluster.support.RedisLink;
import dev.millrace.testing.RedisProcess;
import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisPubSubIT extends PubSubContract {
  private final String prefix = RedisNodes.newPrefix();
  private final List<RedisLink> links = new ArrayList<>();

  @Override
  PubSub newNode() {
    return newNode(TestRedis.url());
  }

  private PubSub newNode(String url) {
    var link = RedisNodes.link(url, prefix);
    links.add(link);
    return new TransportPubSub(new RedisPubSubTransport(link));
  }

  @AfterEach
  void closeLinks() {
    links.forEach(RedisLink::close);
  }

  @Test
  void subscribesAgainAfterAnOutageAndTellsOfTheGap() {
    try (var redis = RedisProcess.start();
        var here = newNode(redis.url());
        var there = newNode(redis.url())) {
      var heard = new CopyOnWriteArrayList<String>();
      there.subscribe(
          "c",
          new MessageHandler() {
            @Override
            public void handle(Payload message) {
              heard.add(message.json());
            }

            @Override
            public void onGap() {
              heard.add("gap");
            }
          });
      here.connect();
      there.connect();
      await().atMost(Duration.ofSeconds(5)).until(() -> here.publish("c", 1) && !heard.isEmpty());
      redis.kill();
      await().atMost(Duration.ofSeconds(10)).until(() -> !here.publish("c", 2));
      redis.restart();
      await().atMost(Duration.ofSeconds(20)).until(() -> heard.contains("gap"));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> here.publish("c", 3) && heard.contains("3"));
      assertThat(heard.indexOf("gap")).isLessThan(heard.indexOf("3"));
    }
  }

  @Test
  void startsWhileRedisIsAway() {
    try (var redis = RedisProcess.start()) {
      redis.kill();
      try (var here = newNode(redis.url());
          var there = newNode(redis.url())) {
        var heard = new CopyOnWriteArrayList<String>();
        there.subscribe("c", message -> heard.add(message.json()));
        here.connect();
        there.connect();
        assertThat(there.isConnected()).isFalse();
        redis.restart();
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> here.publish("c", 1) && heard.contains("1"));
      }
    }
  }
}
