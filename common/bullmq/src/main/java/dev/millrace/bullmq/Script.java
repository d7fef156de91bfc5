package dev.millrace.bullmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Lua scripts. Each is put together from parts that share local functions. */
enum Script {
  ADD("core", "parents", "dedup", "add"),
  FETCH("core", "take", "fetch"),
  FINISH("core", "parents", "dedup", "take", "metrics", "finish"),
  LOCKS("core", "locks"),
  STALLED("core", "parents", "dedup", "stalled"),
  RECLAIM("core", "reclaim"),
  PAUSE("core", "pause"),
  REMOVE("core", "parents", "guard", "purge", "remove"),
  FLOW("core", "parents", "dedup", "guard", "flow"),
  STEP("core", "guard", "step"),
  CHANGE("core", "guard", "change"),
  RETRY("core", "guard", "revive", "retry"),
  REVIVE_MANY("core", "guard", "revive", "revivemany"),
  DETACH("core", "parents", "guard", "detach"),
  CLEAN("core", "parents", "guard", "purge", "clean"),
  OBLITERATE("core", "parents", "guard", "purge", "obliterate"),
  RELEASE_DEDUPLICATION("dedupkey"),
  SETTINGS("core", "settings"),
  ORPHANS("orphans"),
  CHILD_COUNTS("childcounts"),
  CHILD_KEYS("core", "parents", "childkeys"),
  UPDATE("core", "update"),
  STATE("state"),
  COUNTS("counts"),
  OUTCOMES("outcomes"),
  SCHEDULE("core", "dedup", "runs", "schedule"),
  ADVANCE("core", "dedup", "runs", "advance"),
  UNSCHEDULE("core", "runs", "unschedule"),
  SCHEDULERS("schedulers"),
  POINTS("points");

  private final String source;
  private final String sha;

  Script(String... parts) {
    source = Stream.of(parts).map(Script::load).collect(Collectors.joining("\n"));
    sha = sha1(source);
  }

  String source() {
    return source;
  }

  /** Returns the name that Redis caches the script under. */
  String sha() {
    return sha;
  }

  private static String load(String part) {
    try (var in = Script.class.getResourceAsStream(part + ".lua")) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks dev/millrace/bullmq/" + part + ".lua");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + part + ".lua", e);
    }
  }

  private static String sha1(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-1");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-1", e);
    }
  }
}
