package dev.millrace.cluster.cache;

import dev.millrace.cluster.support.RedisLink;
import dev.millrace.cluster.support.RedisScript;
import io.lettuce.core.KeyValue;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The values of one cache in Redis. Each begins with the generation in which it was written; a
 * reset is a new generation, at once for everyone, after which the old values are only rubbish to
 * sweep.
 */
final class RedisValues {
  private static final RedisScript READ = script("read");
  private static final RedisScript SET = script("set");
  private static final RedisScript CHANGE = script("change");
  private static final RedisScript BEGIN = script("begin");
  private static final RedisScript FINISH = script("finish");
  private static final RedisScript RENEW = script("renew");
  private static final RedisScript SWEEP = script("sweep");
  private static final byte[] NOTHING = {};
  private static final byte[] YES = {'1'};
  private static final int SCAN = 500;

  private final RedisLink link;
  private final String what;
  private final String base;
  private final String generation;

  RedisValues(RedisLink link, String name) {
    this.link = link;
    what = "cache " + name;
    base = link.prefix() + "cache:" + name + ":";
    generation = base + "generation";
  }

  /** A value, and for how long it lives. */
  record Read(byte[] value, Duration ttl) {}

  /** What {@link #begin} came to: a value, or whether it is the caller's to compute. */
  record Begun(@Nullable Read present, boolean mine) {}

  /** Returns a value without its time to live: one plain command. */
  byte @Nullable [] get(String key) {
    return getAll(List.of(key)).get(key);
  }

  Map<String, byte[]> getAll(Collection<String> keys) {
    var asked = new ArrayList<String>(keys.size() + 1);
    asked.add(generation);
    keys.forEach(key -> asked.add(value(key)));
    var answers = link.call(what, commands -> commands.mget(asked.toArray(String[]::new)));
    var current = RedisLink.bytes(generationOf(answers.getFirst()) + " ");
    var found = new LinkedHashMap<String, byte[]>();
    var next = 1;
    for (var key : keys) {
      var raw = answers.get(next++).getValueOrElse(NOTHING);
      if (startsWith(raw, current)) {
        found.put(key, Arrays.copyOfRange(raw, current.length, raw.length));
      }
    }
    return found;
  }

  private static String generationOf(KeyValue<String, byte[]> answer) {
    return answer.hasValue() ? RedisLink.text(answer.getValue()) : "0";
  }

  private static boolean startsWith(byte[] raw, byte[] start) {
    return raw.length >= start.length
        && Arrays.equals(raw, 0, start.length, start, 0, start.length);
  }

  @Nullable Read read(String key) {
    List<byte[]> answer = link.list(what, READ, new String[] {generation, value(key)});
    return answer.isEmpty() ? null : read(answer);
  }

  private static Read read(List<byte[]> answer) {
    var left = Long.parseLong(RedisLink.text(answer.get(1)));
    return new Read(answer.getFirst(), left < 0 ? CacheOptions.FOREVER : Duration.ofMillis(left));
  }

  void set(Map<String, byte[]> values, Duration ttl) {
    var keys = new ArrayList<String>();
    var args = new ArrayList<byte[]>();
    keys.add(generation);
    args.add(millis(ttl));
    values.forEach((key, value) -> {
      keys.add(value(key));
      keys.add(lease(key));
      args.add(value);
    });
    var _ = link.number(what, SET, keys.toArray(String[]::new), args.toArray(byte[][]::new));
  }

  void delete(Collection<String> keys) {
    var all = new ArrayList<String>();
    keys.forEach(key -> {
      all.add(value(key));
      all.add(lease(key));
    });
    if (!all.isEmpty()) {
      var _ = link.call(what, commands -> commands.del(all.toArray(String[]::new)));
    }
  }

  /** Replaces a value that is still the one that was read; returns whether it was. */
  boolean change(String key, byte @Nullable [] from, byte @Nullable [] to, Duration ttl) {
    var done =
        link.number(
            what,
            CHANGE,
            new String[] {generation, value(key), lease(key)},
            from == null ? NOTHING : YES,
            from == null ? NOTHING : from,
            to == null ? NOTHING : YES,
            to == null ? NOTHING : to,
            millis(ttl));
    return done == 1;
  }

  Begun begin(String key, String caller, Duration lease) {
    List<byte[]> answer =
        link.list(
            what,
            BEGIN,
            new String[] {generation, value(key), lease(key)},
            RedisLink.bytes(caller),
            millis(lease));
    return answer.size() == 2
        ? new Begun(read(answer), false)
        : new Begun(null, answer.getFirst()[0] == '1');
  }

  boolean renew(String key, String caller, Duration lease) {
    var done =
        link.number(
            what,
            RENEW,
            new String[] {generation, lease(key)},
            RedisLink.bytes(caller),
            millis(lease));
    return done == 1;
  }

  /** Ends a computation; null when it came to nothing. Returns whether the result was stored. */
  boolean finish(String key, String caller, byte @Nullable [] result, Duration ttl) {
    var done =
        link.number(
            what,
            FINISH,
            new String[] {generation, value(key), lease(key)},
            RedisLink.bytes(caller),
            result == null ? NOTHING : YES,
            result == null ? NOTHING : result,
            millis(ttl));
    return done == 1;
  }

  void newGeneration() {
    var id = RedisLink.bytes(UUID.randomUUID().toString());
    var _ = link.call(what, commands -> commands.set(generation, id));
  }

  /** Deletes the values of generations that are gone. */
  void sweep() {
    scan(found -> {
      var keys = new ArrayList<String>();
      keys.add(generation);
      keys.addAll(found);
      var _ = link.number(what, SWEEP, keys.toArray(String[]::new));
    });
  }

  Set<String> keys() {
    var present = new HashSet<String>();
    var start = value("").length();
    scan(found ->
        present.addAll(getAll(found.stream().map(k -> k.substring(start)).toList()).keySet()));
    return present;
  }

  private interface Found {
    void accept(List<String> physical);
  }

  private void scan(Found found) {
    var matching = ScanArgs.Builder.matches(escaped(value("")) + "*").limit(SCAN);
    ScanCursor cursor = ScanCursor.INITIAL;
    do {
      var at = cursor;
      var page = link.call(what, commands -> commands.scan(at, matching));
      if (!page.getKeys().isEmpty()) {
        found.accept(page.getKeys());
      }
      cursor = page;
    } while (!cursor.isFinished());
  }

  private static String escaped(String text) {
    return text.replaceAll("[*?\\[\\]\\\\]", "\\\\$0");
  }

  private static byte[] millis(Duration ttl) {
    // Redis counts to about 292 million years; what is longer than a century is for ever.
    return ttl.toDays() >= 36_500
        ? NOTHING
        : RedisLink.bytes(Long.toString(Math.max(1, ttl.toMillis())));
  }

  private String value(String key) {
    return base + "value:" + key;
  }

  private String lease(String key) {
    return base + "lease:" + key;
  }

  private static RedisScript script(String name) {
    return RedisScript.of(RedisValues.class, name);
  }
}
