package dev.millrace.pgjobs.cron;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CronMatchTest {
  private static final ZoneId PARIS = ZoneId.of("Europe/Paris");

  private static boolean matches(String fields, String time) {
    return CronMatch.parse(fields).matches(Instant.parse(time), ZoneOffset.UTC);
  }

  private static List<String> all(String fields, ZoneId zone, String from, String to) {
    var match = CronMatch.parse(fields);
    var found = new ArrayList<String>();
    for (var t = Instant.parse(from); t.isBefore(Instant.parse(to)); t = t.plusSeconds(60)) {
      if (match.matches(t, zone)) {
        found.add(t.toString());
      }
    }
    return found;
  }

  @Test
  void listsRangesAndStepsBeginAtTheFieldsLeast() {
    assertThat(
            all(
                "*/10,7,56-59 0 * * *",
                ZoneOffset.UTC,
                "2026-01-01T00:00:00Z",
                "2026-01-01T01:00:00Z"))
        .hasSize(11);
    assertThat(matches("0 0 */5 * *", "2026-01-06T00:00:00Z")).isTrue();
    assertThat(matches("0 0 */5 * *", "2026-01-05T00:00:00Z")).isFalse();
  }

  @Test
  void sundayHasTwoNumbers() {
    // 4 January 2026 is a Sunday.
    assertThat(matches("* * * * 0", "2026-01-04T10:00:00Z")).isTrue();
    assertThat(matches("* * * * 7", "2026-01-04T10:00:00Z")).isTrue();
    assertThat(matches("* * * * 5-7", "2026-01-04T10:00:00Z")).isTrue();
    assertThat(matches("* * * * 5-7", "2026-01-05T10:00:00Z")).isFalse();
    assertThat(matches("* * * * */2", "2026-01-04T10:00:00Z")).isTrue();
  }

  @Test
  void eitherDaySufficesWhereBothAreRestricted() {
    // July 2026: the 3rd is a Friday, the 5th a Sunday, the 9th a Thursday.
    var fields = "0-5 15 3-4 7 0-2";
    assertThat(matches(fields, "2026-07-03T15:00:00Z")).isTrue();
    assertThat(matches(fields, "2026-07-05T15:05:00Z")).isTrue();
    assertThat(matches(fields, "2026-07-09T15:00:00Z")).isFalse();
    assertThat(matches(fields, "2026-07-05T15:06:00Z")).isFalse();
    assertThat(matches("0 0 13 * *", "2026-07-12T00:00:00Z")).isFalse();
    // A list of all days is no restriction.
    assertThat(matches("0 0 1-31 * 1", "2026-07-05T00:00:00Z")).isFalse();
  }

  @Test
  void zonesAreRespected() {
    var match = CronMatch.parse("30 8 * * *");
    assertThat(match.matches(Instant.parse("2026-01-05T07:30:00Z"), PARIS)).isTrue();
    assertThat(match.matches(Instant.parse("2026-07-05T06:30:00Z"), PARIS)).isTrue();
    assertThat(match.matches(Instant.parse("2026-07-05T08:30:00Z"), PARIS)).isFalse();
  }

  @Test
  void aSkippedTimeComesRightAfterTheGap() {
    // Paris goes from 02:00 to 03:00 at 01:00 UTC.
    assertThat(all("30 2 * * *", PARIS, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"))
        .containsExactly("2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z");
  }

  @Test
  void aTimeThatComesTwiceCountsOnce() {
    // Paris goes from 03:00 back to 02:00 at 01:00 UTC.
    assertThat(all("30 2 * * *", PARIS, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"))
        .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    assertThat(all("0 * * * *", PARIS, "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z")).hasSize(3);
  }
}
