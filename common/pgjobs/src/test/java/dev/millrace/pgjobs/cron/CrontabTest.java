package dev.millrace.pgjobs.cron;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrontabTest {
  private static CronItem item(String line) {
    var crontab = Crontab.parse(line);
    assertThat(crontab.problems()).isEmpty();
    assertThat(crontab.items()).hasSize(1);
    return crontab.items().getFirst();
  }

  @Test
  void readsItemsAndLeavesOutBlankLinesAndComments() {
    var crontab =
        Crontab.parse(
            """
            # every night\r
            0 4 * * * backup\r

              */10,7,56-59  1  1  1  7   nested/task:one  ?id=other
            """);

    assertThat(crontab.problems()).isEmpty();
    assertThat(crontab.items())
        .extracting(CronItem::task)
        .containsExactly("backup", "nested/task:one");
    assertThat(crontab.items()).extracting(CronItem::identifier).containsExactly("backup", "other");
  }

  @Test
  void readsEveryOption() {
    var item =
        item(
            "* * * * * a ?id=x-1&fill=4w3d2h1m5s&max=2&queue=a:b&jobKey=k%201&jobKeyMode=preserve_run_at"
                + "&priority=-7&tz=Europe/Paris {a: 'b # {c}', n: +1, d: [0x10, .5,],}");

    assertThat(item.identifier()).isEqualTo("x-1");
    assertThat(item.fill())
        .isEqualTo(Duration.ofDays(31).plusHours(2).plusMinutes(1).plusSeconds(5));
    assertThat(item.maxAttempts()).isEqualTo(2);
    assertThat(item.queueName()).isEqualTo("a:b");
    assertThat(item.jobKey()).isEqualTo("k 1");
    assertThat(item.preserveRunAt()).isTrue();
    assertThat(item.priority()).isEqualTo(-7);
    assertThat(item.zone()).isEqualTo(ZoneId.of("Europe/Paris"));
    assertThat(item.payload().toString()).isEqualTo("{\"a\":\"b # {c}\",\"n\":1,\"d\":[16,0.5]}");
  }

  @Test
  void payloadsNeedNoOptions() {
    assertThat(item("* * * * * a {b: 1}").payload().toString()).isEqualTo("{\"b\":1}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "* * * * a",
        "* * * * * two words",
        "60 * * * * a",
        "* 24 * * * a",
        "* * 0 * * a",
        "* * * 13 * a",
        "* * * * 8 a",
        "*/0 * * * * a",
        "5-5 * * * * a",
        "7-5 * * * * a",
        "1-5/2 * * * * a",
        "MON * * * * a",
        ", * * * * a",
        "@daily a",
        "* * * * * 9a",
        "* * * * * a ?unknown=1",
        "* * * * * a ?max=1&max=2",
        "* * * * * a ?max=0",
        "* * * * * a ?max=x",
        "* * * * * a ?priority=40000",
        "* * * * * a ?fill=1y",
        "* * * * * a ?fill=",
        "* * * * * a ?id=1",
        "* * * * * a ?queue=a;b",
        "* * * * * a ?jobKeyMode=unsafe_dedupe",
        "* * * * * a ?tz=Mars/Base",
        "* * * * * a {b}",
        "* * * * * a {b: 1",
        "* * * * * a {b: NaN}",
        "* * * * * a {b: 01x}",
        "* * * * * a [1]",
      })
  void namesABrokenLineAndKeepsTheRest(String line) {
    var crontab = Crontab.parse("0 0 * * * first\n" + line + "\n0 1 * * * last");

    assertThat(crontab.items()).extracting(CronItem::task).containsExactly("first", "last");
    assertThat(crontab.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.line()).isEqualTo(2))
        .satisfies(problem -> assertThat(problem.toString()).startsWith("line 2 of the crontab: "));
  }

  @Test
  void twoOfOneIdentifierAreAProblem() {
    var crontab = Crontab.parse("0 0 * * * a\n0 1 * * * a\n0 2 * * * a ?id=b");

    assertThat(crontab.items()).hasSize(2);
    assertThat(crontab.problems().getFirst().reason()).contains("line 1 has identifier 'a'");
  }

  @Test
  void readsFilesAndTakesAMissingOneForEmpty(@TempDir Path folder) throws Exception {
    var file = folder.resolve("crontab");
    assertThat(Crontab.read(file).items()).isEmpty();

    Files.writeString(file, "0 4 * * * a");

    assertThat(Crontab.read(file).items()).hasSize(1);
  }
}
