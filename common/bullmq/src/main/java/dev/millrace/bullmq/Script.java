package dev.millrace.bullmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The Lua scripts. Each is put together from parts that share local functions.
 *
 * <p>Redis runs the whole text for every call, and making the functions takes longer than some
 * commands do. So what few calls need stands inside a function of its own, to which a line {@code
 * --@include part} brings it; and each part stands inside the one before, as Lua finds the
 * variables of an enclosing function at once, but searches for those of the same one.
 */
enum Script {
  ADD("core", "store", "add"),
  FETCH("core", "take", "fetch"),
  FINISH("core", "take", "finish"),
  LOCKS("core", "locks"),
  STALLED("core", "store", "parents", "dedup", "guard", "stalled"),
  RECLAIM("core", "guard", "reclaim"),
  PAUSE("core", "pause"),
  REMOVE("core", "parents", "guard", "purge", "remove"),
  FLOW("core", "store", "parents", "dedup", "guard", "flow"),
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
  SCHEDULE("core", "store", "runs", "schedule"),
  ADVANCE("core", "store", "runs", "advance"),
  UNSCHEDULE("core", "runs", "unschedule"),
  SCHEDULERS("schedulers"),
  OVERVIEW("overview"),
  PAGE("page"),
  POINTS("points");

  private final String source;
  private final String sha;

  Script(String... parts) {
    source =
        Stream.of(parts).map(Script::load).collect(Collectors.joining("\nreturn (function()\n"))
            + "\nend)()".repeat(parts.length - 1);
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
    return Pattern.compile("(?m)^ *--@include (\\w+)$")
        .matcher(read(part))
        .replaceAll(line -> Matcher.quoteReplacement(load(line.group(1))));
  }

  private static String read(String part) {
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
