package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Cron expressions against cron-parser itself, and against the rules. */
class CronTest {
  private static JsonNode vectors() throws IOException {
    try (var in = CronTest.class.getResourceAsStream("cron-vectors.json")) {
      assertThat(in).isNotNull();
      return Json.tree(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void nextTimesAreThoseOfCronParser() throws IOException {
    var wrong = new ArrayList<String>();
    for (var vector : vectors().get("next")) {
      var expression = vector.get(0).stringValue();
      var zone = ZoneNames.of(vector.get(1).stringValue());
      var after = Instant.parse(vector.get(2).stringValue());
      for (var i = 3; i < vector.size(); i++) {
        var expected =
            vector.get(i).isNull()
                ? Optional.<Instant>empty()
                : Optional.of(Instant.parse(vector.get(i).stringValue()));
        var next = CronParser.parse(expression).nextAfter(after, zone);
        if (!next.equals(expected)) {
          wrong.add(
              "%s in %s after %s: %s, not %s".formatted(expression, zone, after, next, expected));
        }
        if (expected.isEmpty()) {
          break;
        }
        after = expected.get();
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void whatCronParserRefusesIsRefused() throws IOException {
    for (var expression : vectors().get("refused")) {
      assertThatIllegalArgumentException()
          .as("%s", expression)
          .isThrownBy(() -> CronParser.parse(expression.stringValue()));
    }
  }

  @Test
  void whatEveryProcessWouldReadDifferentlyIsRefused() {
    for (var expression :
        new String[] {"", "H * * * *", "1-2-3 * * * *", "0 0 * * 1-5L", "0 0 * * *#1"}) {
      assertThatIllegalArgumentException()
          .as("%s", expression)
          .isThrownBy(() -> CronParser.parse(expression));
    }
  }

  @Test
  void summerTimeIsThatOfAppendixF() {
    var madrid = ZoneId.of("Europe/Madrid");
    assertThat(next("30 2 * * *", "2026-03-28T12:00:00Z", madrid))
        .isEqualTo("2026-03-29T01:30:00Z");
    var newYork = ZoneId.of("America/New_York");
    assertThat(next("30 1 * * *", "2026-11-01T03:00:00Z", newYork))
        .isEqualTo("2026-11-01T05:30:00Z");
    assertThat(next("30 1 * * *", "2026-11-01T05:30:00Z", newYork))
        .isEqualTo("2026-11-02T06:30:00Z");
    // Two hours are skipped at once, and half an hour.
    var troll = ZoneId.of("Antarctica/Troll");
    assertThat(next("30 1 * * *", "2026-03-28T22:00:00Z", troll)).isEqualTo("2026-03-29T01:30:00Z");
    var lordHowe = ZoneId.of("Australia/Lord_Howe");
    assertThat(next("15 2 * * *", "2026-10-03T12:00:00Z", lordHowe))
        .isEqualTo("2026-10-04T15:15:00Z");
    // cron-parser gives up here.
    assertThat(next("0 * * * *", "2026-04-04T14:00:00Z", lordHowe))
        .isEqualTo("2026-04-04T15:30:00Z");
  }

  private static String next(String expression, String after, ZoneId zone) {
    return CronParser.parse(expression)
        .nextAfter(Instant.parse(after), zone)
        .orElseThrow()
        .toString();
  }

  @Test
  void zonesHaveTheNamesThatNodeTakes() {
    assertThat(ZoneNames.of("europe/madrid")).isEqualTo(ZoneId.of("Europe/Madrid"));
    assertThat(ZoneNames.of("UTC+5:30")).isEqualTo(ZoneOffset.ofHoursMinutes(5, 30));
    assertThat(ZoneNames.of("UTC-02")).isEqualTo(ZoneOffset.ofHours(-2));
    assertThat(ZoneNames.of(null)).isEqualTo(ZoneId.systemDefault());
    for (var name : new String[] {"", "+02:00", "Nope/Zone", "UTC+99"}) {
      assertThatIllegalArgumentException().as(name).isThrownBy(() -> ZoneNames.of(name));
    }
  }

  /** Without a change of clocks, the next time is the first second that fits every field. */
  @Property(tries = 300)
  void nextIsTheFirstTimeThatFits(
      @ForAll("fields") String fields, @ForAll("instants") Instant after) {
    var cron = CronParser.parse(fields + " * * *");
    var next = cron.nextAfter(after, ZoneOffset.UTC).orElseThrow();

    assertThat(next).isAfter(after);
    assertThat(fits(cron, next)).isTrue();
    var earlier = next.minusSeconds(1);
    for (var i = 0; i < 5000 && earlier.isAfter(after); i++) {
      assertThat(fits(cron, earlier)).as("%s fits %s", earlier, fields).isFalse();
      earlier = earlier.minusSeconds(1);
    }
  }

  private static boolean fits(Cron cron, Instant time) {
    var local = time.atZone(ZoneOffset.UTC);
    return (cron.seconds() >> local.getSecond() & 1) == 1
        && (cron.minutes() >> local.getMinute() & 1) == 1
        && (cron.hours() >> local.getHour() & 1) == 1
        && time.toEpochMilli() % 1000 == 0;
  }

  @Provide
  Arbitrary<String> fields() {
    return Combinators.combine(field(59), field(59), field(23))
        .as((second, minute, hour) -> second + " " + minute + " " + hour);
  }

  private static Arbitrary<String> field(int max) {
    var value = Arbitraries.integers().between(0, max);
    return Arbitraries.oneOf(
        Arbitraries.of("*", "?"),
        value.map(String::valueOf),
        Arbitraries.integers().between(1, max).map(step -> "*/" + step),
        Combinators.combine(value, value, Arbitraries.integers().between(1, 9))
            .as((a, b, step) -> Math.min(a, b) + "-" + Math.max(a, b) + "/" + step));
  }

  @Provide
  Arbitrary<Instant> instants() {
    return Arbitraries.longs()
        .between(0, Duration.ofDays(36_500).toMillis())
        .map(Instant::ofEpochMilli);
  }
}
