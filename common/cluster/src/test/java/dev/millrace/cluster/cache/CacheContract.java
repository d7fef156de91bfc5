package dev.millrace.cluster.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;

/** What every kind of cache does. */
abstract class CacheContract {
  private final List<Caches> opened = new ArrayList<>();
  private Cache<String> cache;

  /** Opens the caches of one node; all of a test share a store if the kind has one. */
  abstract Caches open() throws Exception;

  /** Caches of another node, or of the same where there is only one. */
  Caches other(Caches first) throws Exception {
    return first;
  }

  CacheOptions options() {
    return CacheOptions.DEFAULT;
  }

  @BeforeEach
  void openCache() throws Exception {
    cache = node().create("users", Codec.strings(), options());
  }

  @AfterEach
  void closeAll() {
    opened.forEach(Caches::close);
  }

  private Caches node() throws Exception {
    var node = open();
    opened.add(node);
    return node;
  }

  @Test
  void setsGetsAndDeletes() {
    assertThat(cache.get("a")).isNull();
    cache.set("a", "1");
    assertThat(cache.get("a")).isEqualTo("1");
    cache.set("a", "2");
    assertThat(cache.get("a")).isEqualTo("2");
    cache.del("a");
    cache.del("a");
    assertThat(cache.get("a")).isNull();
  }

  @Test
  void handlesManyKeysAtOnce() {
    cache.mset(Map.of("a", "1", "b", "2", "c", "3"));
    assertThat(cache.mget(List.of("b", "x", "a"))).isEqualTo(Map.of("a", "1", "b", "2"));
    cache.mdel(List.of("a", "b", "x"));
    assertThat(cache.mget(List.of("a", "b", "c"))).isEqualTo(Map.of("c", "3"));
  }

  @Test
  void listsKeysAsGetTakesThem() {
    cache.mset(Map.of("a", "1", "b:c", "2"));
    assertThat(cache.keys()).containsExactlyInAnyOrder("a", "b:c");
  }

  @Test
  void changesAPartOfAValueAsOneStep() throws Exception {
    var objects =
        opened
            .getFirst()
            .create("objects", Codec.json(new TypeReference<Map<String, Integer>>() {}), options());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var i = 0; i < 20; i++) {
        var member = "m" + i;
        var _ =
            threads.submit(() ->
                objects.update(
                    "o",
                    old -> {
                      var next = new HashMap<String, Integer>(old == null ? Map.of() : old);
                      next.put(member, 1);
                      return next;
                    }));
      }
    }
    assertThat(objects.get("o")).hasSize(20).containsEntry("m7", 1);
    objects.update(
        "o",
        old -> {
          var next = new HashMap<String, Integer>(old == null ? Map.of() : old);
          next.remove("m7");
          return next;
        });
    assertThat(objects.get("o")).hasSize(19);
    objects.update("o", _ -> null);
    assertThat(objects.get("o")).isNull();
  }

  @Test
  void forgetsWhenTheTimeIsOver() {
    cache.set("short", "1", Duration.ofMillis(200));
    cache.set("long", "1", Duration.ofMinutes(1));
    assertThat(cache.get("short")).isEqualTo("1");
    await().atMost(Duration.ofSeconds(5)).until(() -> cache.get("short") == null);
    assertThat(cache.get("long")).isEqualTo("1");
    assertThatThrownBy(() -> cache.set("a", "1", Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keepsTheTimeOfAValueThatIsChanged() {
    cache.set("a", "1", Duration.ofMillis(400));
    cache.update("a", old -> old + "2");
    assertThat(cache.get("a")).isEqualTo("12");
    await().atMost(Duration.ofSeconds(5)).until(() -> cache.get("a") == null);
  }

  @Test
  void resetsItsOwnValuesOnly() {
    var other = opened.getFirst().create("others", Codec.strings(), options());
    cache.mset(Map.of("a", "1", "b", "2"));
    other.set("a", "1");
    cache.reset();
    assertThat(cache.mget(List.of("a", "b"))).isEmpty();
    assertThat(cache.keys()).isEmpty();
    assertThat(other.get("a")).isEqualTo("1");
    cache.set("a", "3");
    assertThat(cache.get("a")).isEqualTo("3");
  }

  @Test
  void wrapComputesOnce() {
    var loads = new AtomicInteger();
    for (var i = 0; i < 3; i++) {
      assertThat(cache.wrap("a", () -> "v" + loads.incrementAndGet())).isEqualTo("v1");
    }
    assertThat(cache.get("a")).isEqualTo("v1");
  }

  @Test
  void oneLoaderRunsInTheClusterWhileAValueIsMissing() throws Exception {
    var nodes = new ArrayList<Cache<String>>();
    nodes.add(cache);
    var second = other(opened.getFirst());
    opened.add(second);
    nodes.add(second.create("users", Codec.strings(), options()));
    var loads = new AtomicInteger();
    var everyoneAsks = new CountDownLatch(1);
    var answers = new ArrayList<Future<String>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var i = 0; i < 1_000; i++) {
        var node = nodes.get(i % nodes.size());
        answers.add(
            threads.submit(() ->
                node.wrap(
                    "dear",
                    () -> {
                      everyoneAsks.await();
                      return "v" + loads.incrementAndGet();
                    })));
      }
      everyoneAsks.countDown();
      for (var answer : answers) {
        assertThat(answer.get()).isEqualTo("v1");
      }
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void aLoaderThatFailsLeavesNothingBehind() {
    assertThatThrownBy(() ->
            cache.wrap(
                "a",
                () -> {
                  throw new IOException("no answer");
                }))
        .isInstanceOf(CacheLoadException.class)
        .hasMessageContaining("a for cache users")
        .hasRootCauseMessage("no answer");
    assertThatThrownBy(() ->
            cache.wrap(
                "a",
                () -> {
                  throw new IllegalStateException("broken");
                }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(cache.wrap("a", () -> "1")).isEqualTo("1");
  }

  @Test
  void aValueThatWasSetMeanwhileIsNotOverwritten() {
    var computed =
        cache.wrap(
            "a",
            () -> {
              cache.set("a", "newer");
              return "older";
            });
    assertThat(computed).isEqualTo("older");
    assertThat(cache.get("a")).isEqualTo("newer");
    cache.del("a");
    var _ =
        cache.wrap(
            "a",
            () -> {
              cache.del("a");
              return "older";
            });
    assertThat(cache.get("a")).isNull();
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullIsNoValue() {
    assertThatThrownBy(() -> cache.wrap("a", () -> null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("null is not a cacheable value");
    assertThatThrownBy(() -> cache.set("a", null))
        .hasMessageContaining("null is not a cacheable value");
    assertThat(cache.wrapWithCondition("a", () -> null, WrapOptions.defaults())).isNull();
    assertThat(cache.get("a")).isNull();
  }

  @Test
  void conditionsSayWhetherTheCacheIsUsed() {
    cache.set("a", "cached");
    var bypass = WrapOptions.<String>defaults().withUseCache(false);
    assertThat(cache.wrapWithCondition("a", () -> "fresh", bypass)).isEqualTo("fresh");
    assertThat(cache.get("a")).isEqualTo("cached");

    var notEmpty = WrapOptions.<String>defaults().withCacheable(value -> !value.isEmpty());
    assertThat(cache.wrapWithCondition("b", () -> "", notEmpty)).isEmpty();
    assertThat(cache.get("b")).isNull();
    assertThat(cache.wrapWithCondition("b", () -> "full", notEmpty)).isEqualTo("full");
    assertThat(cache.get("b")).isEqualTo("full");
  }

  @Test
  void refusesNamesThatWouldMixUpKeys() {
    assertThatThrownBy(() -> opened.getFirst().create("a:b", Codec.strings()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> opened.getFirst().create("", Codec.strings()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
