package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.secret;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What nodes share, and through what.
 *
 * @param cache where caches keep their values
 * @param cacheMax values that each cache holds in the memory of a node
 * @param locks who keeps locks
 * @param events who keeps the event queue
 * @param rabbitMqUrl address of RabbitMQ; not null when {@code events} says so
 */
public record ClusterSettings(
    Store cache, int cacheMax, Store locks, Store events, @Nullable Secret rabbitMqUrl) {
  /** Through what nodes share something. */
  public enum Store {
    /** Nothing: the memory of each process. */
    MEMORY,
    REDIS,
    POSTGRES,
    RABBITMQ
  }

  private static final String BY_MODE = "memory when MODE=main, redis when MODE=queue";

  private static final Variable<Store> CACHE_DEFAULT_STORE =
      optional(
          "CACHE_DEFAULT_STORE",
          one(Map.of("memory", Store.MEMORY, "redis", Store.REDIS)),
          BY_MODE,
          "Where caches keep their values");
  private static final Variable<Integer> CACHE_MEMORY_MAX =
      withDefault(
          "CACHE_MEMORY_MAX",
          Syntax.integer(1, 10_000_000),
          "2000",
          "Values that each cache holds in the memory of a process");
  private static final Variable<Store> LOCK_ADAPTER_DEFAULT =
      optional(
          "LOCK_ADAPTER_DEFAULT",
          one(Map.of("local", Store.MEMORY, "redis", Store.REDIS, "postgres", Store.POSTGRES)),
          "local when MODE=main, redis when MODE=queue",
          "Who keeps locks; local holds no other process back, and is refused when MODE=queue");
  private static final Variable<Store> QUEUE_ADAPTER =
      optional(
          "QUEUE_ADAPTER",
          one(
              Map.of(
                  "memory", Store.MEMORY,
                  "redis", Store.REDIS,
                  "postgres", Store.POSTGRES,
                  "rabbitmq", Store.RABBITMQ)),
          BY_MODE,
          "Who keeps the event queue of plugins and background work; predictions do not use it");
  private static final Variable<Secret> QUEUE_ADAPTER_RABBITMQ_URL =
      secret(
          "QUEUE_ADAPTER_RABBITMQ_URL",
          Syntax.secret("amqp[s]://user:password@host:port/vhost"),
          "needed when QUEUE_ADAPTER=rabbitmq",
          "RabbitMQ of the event queue");

  static final List<Variable<?>> VARIABLES =
      List.of(
          CACHE_DEFAULT_STORE,
          CACHE_MEMORY_MAX,
          LOCK_ADAPTER_DEFAULT,
          QUEUE_ADAPTER,
          QUEUE_ADAPTER_RABBITMQ_URL);

  static ClusterSettings read(Values values, Mode mode) {
    var usual = mode == Mode.QUEUE ? Store.REDIS : Store.MEMORY;
    var locks = either(values.find(LOCK_ADAPTER_DEFAULT), usual);
    if (locks == Store.MEMORY && mode == Mode.QUEUE) {
      values.wrong(LOCK_ADAPTER_DEFAULT, "is local, which holds no other process back");
    }
    var events = either(values.find(QUEUE_ADAPTER), usual);
    var url = values.find(QUEUE_ADAPTER_RABBITMQ_URL);
    if (events == Store.RABBITMQ && url == null) {
      values.wrong(QUEUE_ADAPTER_RABBITMQ_URL, "is missing, though QUEUE_ADAPTER=rabbitmq");
    }
    var cache = either(values.find(CACHE_DEFAULT_STORE), usual);
    if (mode == Mode.MAIN) {
      refuseRedis(values, CACHE_DEFAULT_STORE, cache);
      refuseRedis(values, LOCK_ADAPTER_DEFAULT, locks);
      refuseRedis(values, QUEUE_ADAPTER, events);
    }
    return new ClusterSettings(cache, values.get(CACHE_MEMORY_MAX), locks, events, url);
  }

  private static void refuseRedis(Values values, Variable<Store> variable, Store store) {
    if (store == Store.REDIS) {
      values.wrong(variable, "is redis, but MODE=main uses no Redis");
    }
  }

  private static Store either(@Nullable Store said, Store usual) {
    return said == null ? usual : said;
  }

  private static Syntax<Store> one(Map<String, Store> names) {
    return Syntax.oneOf(names);
  }
}
