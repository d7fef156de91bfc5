package dev.millrace.platform.prediction;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.bullmq.RedisConnections;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.SetArgs;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The flows of waiting jobs, in Redis, each once under the hash of its text. A flow is some 50 KB,
 * and a job that carried it would be copied through server, Redis, its log and worker with it.
 *
 * <p>Thread-safe; methods wait for Redis and throw {@link io.lettuce.core.RedisException} or {@link
 * dev.millrace.bullmq.BullMqException} when it does not answer.
 */
public final class SharedFlows {
  private static final String PREFIX = "millrace:flow:";

  /** A job may wait for this long and still find its flow as it was. */
  private static final Duration KEPT = Duration.ofDays(7);

  /** Well below the above, and how long a Redis that lost its data does without. */
  private static final Duration WRITTEN_AGAIN = Duration.ofHours(1);

  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final RedisConnections redis;
  // By the identity of the text: there is one for each state of a flow.
  private final Cache<String, String> references =
      Caffeine.newBuilder().weakKeys().expireAfterWrite(WRITTEN_AGAIN).build();

  public SharedFlows(RedisConnections redis) {
    this.redis = redis;
  }

  /**
   * Returns what a job carries in the place of a flow: JSON with its id and hash. The flow is in
   * Redis when this returns.
   */
  String reference(String flowId, String chatflowJson) {
    return references.get(chatflowJson, text -> share(flowId, text));
  }

  /** Returns a flow's text; nothing when Redis has it no longer. */
  public Optional<String> find(String hash) {
    return Optional.ofNullable(await(redis.shared().async().get(PREFIX + hash)));
  }

  private String share(String flowId, String text) {
    var hash = sha256(text);
    var _ = await(redis.shared().async().set(PREFIX + hash, text, SetArgs.Builder.ex(KEPT)));
    return "{\"id\":\"" + flowId + "\",\"" + FlowSnapshots.REFERENCE + "\":\"" + hash + "\"}";
  }

  private static <T> T await(RedisFuture<T> reply) {
    return LettuceFutures.awaitOrCancel(reply, LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static String sha256(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
