package dev.millrace.cluster.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.RedisNodes;
import dev.millrace.cluster.UnavailableException;
import dev.millrace.cluster.pubsub.RedisPubSubTransport;
import dev.millrace.cluster.pubsub.TransportPubSub;
import dev.millrace.cluster.support.RedisLink;
import dev.millrace.testing.RedisProcess;
import dev.millrace.testing.TestRedis;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RedisCacheIT extends CacheContract {
  private final String prefix = RedisNodes.newPrefix();
  private final List<AutoCloseable> closing = new ArrayList<>();

  @Override
  Caches open() {
    return open(TestRedis.url());
  }

  @Override
  Caches other(Caches first) {
    return open();
  }

  private Caches open(String url) {
    var link = RedisNodes.link(url, prefix);
    return open(link);
  }

  private Caches open(RedisLink link) {
    var pubSub = new TransportPubSub(new RedisPubSubTransport(link));
    var caches = new RedisCaches(link, pubSub);
    pubSub.connect();
    closing.addAll(List.of(pubSub, link));
    return caches;
  }

  @AfterEach
  void closeConnections() throws Exception {
    for (var each : closing) {
      each.close();
    }
  }

  @Test
  void aChangeOnOneNodeIsSeenByTheOther() {
    var here = open().create("shared", Codec.strings());
    var there = open().create("shared", Codec.strings());
    here.set("a", "1");
    assertThat(there.get("a")).isEqualTo("1");
    there.set("a", "2");
    await().atMost(Duration.ofSeconds(2)).until(() -> "2".equals(here.get("a")));
    here.del("a");
    await().atMost(Duration.ofSeconds(2)).until(() -> there.get("a") == null);
    here.set("a", "3");
    await().atMost(Duration.ofSeconds(2)).until(() -> "3".equals(there.get("a")));
    there.reset();
    await().atMost(Duration.ofSeconds(2)).until(() -> here.get("a") == null);
  }

  @Test
  void aResetSweepsTheOldValues() {
    var cache = open().create("swept", Codec.strings());
    for (var i = 0; i < 1_200; i++) {
      cache.set("k" + i, "v");
    }
    cache.reset();
    cache.set("new", "v");
    var client = RedisClient.create(TestRedis.url());
    try (var connection = client.connect()) {
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> connection.sync().keys(prefix + "cache:swept:value:*").size() == 1);
    } finally {
      client.shutdown();
    }
  }

  @Test
  void whatAnotherVersionWroteCountsAsMissing() {
    var texts = open().create("versions", Codec.strings());
    texts.set("a", "no JSON");
    var numbers = open().create("versions", Codec.json(Integer.class));
    assertThat(numbers.get("a")).isNull();
    assertThat(numbers.wrap("a", () -> 7)).isEqualTo(7);
    assertThat(numbers.get("a")).isEqualTo(7);
  }

  @Test
  void goesOnWithoutRedis() {
    try (var redis = RedisProcess.start()) {
      redis.kill();
      var cache =
          open(redis.url()).create("c", Codec.strings(), CacheOptions.DEFAULT.withLocalEntries(0));
      assertThatThrownBy(() -> cache.get("a"))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("Redis cannot be used for cache c");
      assertThat(cache.wrap("a", () -> "computed")).isEqualTo("computed");
      redis.restart();
      await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptionsInstanceOf(UnavailableException.class)
          .until(() -> "again".equals(cache.wrap("a", () -> "again")) && cache.get("a") != null);
      redis.kill();
      assertThat(cache.wrap("a", () -> "computed")).isEqualTo("computed");
      redis.restart();
      await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptionsInstanceOf(UnavailableException.class)
          .until(() -> cache.get("a") == null);
    }
  }

  /** The same without values in the node's own memory. */
  @Nested
  class WithoutLocalValues extends CacheContract {
    @Override
    Caches open() {
      return RedisCacheIT.this.open();
    }

    @Override
    Caches other(Caches first) {
      return RedisCacheIT.this.open();
    }

    @Override
    CacheOptions options() {
      return CacheOptions.DEFAULT.withLocalEntries(0);
    }

    @AfterEach
    void closeThem() throws Exception {
      closeConnections();
    }
  }
}
