package dev.millrace.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DotenvTest {
  @Test
  void readsWhatTheNpmPackageReads() {
    var values =
        parse(
            """
            # a comment
            PLAIN=value
              INDENTED = spaced out\s\s
            export EXPORTED=yes
            EMPTY=
            COMMENTED=value # why
            NO_COMMENT=pass#word
            ONLY_COMMENT= # nothing
            SINGLE='it is # "so" \\n'
            DOUBLE="line\\nnext \\"quoted\\" back\\\\slash" # why
            BACKTICK=`it's "so"`
            LINES="one
            two=2
            # three"
            EQUALS=a=b=c
            """);

    assertThat(values)
        .containsEntry("PLAIN", "value")
        .containsEntry("INDENTED", "spaced out")
        .containsEntry("EXPORTED", "yes")
        .containsEntry("EMPTY", "")
        .containsEntry("COMMENTED", "value")
        .containsEntry("NO_COMMENT", "pass#word")
        .containsEntry("ONLY_COMMENT", "")
        .containsEntry("SINGLE", "it is # \"so\" \\n")
        .containsEntry("DOUBLE", "line\nnext \"quoted\" back\\slash")
        .containsEntry("BACKTICK", "it's \"so\"")
        .containsEntry("LINES", "one\ntwo=2\n# three")
        .containsEntry("EQUALS", "a=b=c")
        .hasSize(12);
  }

  @Test
  void aByteOrderMarkAndDosLineEndsAreIgnored() {
    assertThat(parse("\uFEFFA=1\r\nB=2\r\n")).containsEntry("A", "1").containsEntry("B", "2");
  }

  @Test
  void theLastOfSeveralValuesCounts() {
    assertThat(parse("A=1\nA=2")).containsEntry("A", "2");
  }

  @Test
  void aLineThatIsNoSettingIsNamedWithItsNumber() {
    var problems = Dotenv.parse(".env", "A=1\nnonsense\nB=\"open\nC=\"x\" y\n").problems();

    assertThat(problems)
        .extracting(Object::toString)
        .containsExactly(
            ".env line 2 is no setting; accepted: NAME=value",
            ".env line 4 has text after the closing quote; accepted: NAME=value");
  }

  @Test
  void aQuoteThatIsNeverClosedIsAProblem() {
    assertThat(Dotenv.parse(".env", "A=1\nB='open\n").problems())
        .extracting(Object::toString)
        .containsExactly(".env line 2 has a quote that is never closed; accepted: NAME=value");
  }

  @Test
  void aMissingFileIsEmptyAndAnUnreadableOneAProblem() {
    assertThat(Dotenv.read(Path.of("/nowhere/.env")).problems()).isEmpty();
    assertThat(Dotenv.read(Path.of("/")).problems()).hasSize(1);
  }

  private static java.util.Map<String, String> parse(String text) {
    var file = Dotenv.parse(".env", text);
    assertThat(file.problems()).isEmpty();
    return file.values();
  }
}
