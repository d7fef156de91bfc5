package dev.millrace.bullmq;

import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs single functions of the scripts, with a clock of the test's own. */
final class LuaPart {
  private LuaPart() {}

  /**
   * Runs an expression after the parts.
   *
   * @param parts names of scripts without {@code .lua}, {@code core} among them
   */
  static List<Object> call(TestQueue q, long now, String expression, String... parts) {
    var source = new StringBuilder();
    for (var part : parts) {
      source.append(load(part)).append('\n');
    }
    source.append(expression);
    return q.redis()
        .eval(
            source.toString(),
            ScriptOutputType.MULTI,
            new String[] {q.key("meta"), q.key("events")},
            q.key(""),
            Long.toString(now),
            "6",
            "0");
  }

  private static String load(String part) {
    try (var in = Script.class.getResourceAsStream(part + ".lua")) {
      if (in == null) {
        throw new IllegalArgumentException("there is no " + part + ".lua");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
