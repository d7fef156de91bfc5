package dev.millrace.cluster;

import static dev.millrace.cluster.ServiceSplit.ASYNC_TASK;
import static dev.millrace.cluster.ServiceSplit.WORKFLOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The truth table of service splitting: columns are requests, two known keys, another, transient.
 */
class ServiceSplitTest {
  private static final Set<String> KNOWN = Set.of(WORKFLOW, ASYNC_TASK);
  private static final String OTHER = "x:y";

  @ParameterizedTest(name = "[{0}]")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "                                           | T | T | T | T | F",
        "\"\"                                       | T | T | T | T | F",
        "!                                          | T | F | F | F | F",
        "*                                          | F | T | T | T | F",
        "-                                          | F | F | F | F | T",
        "workflow:process                           | F | T | F | F | F",
        "workflow:process,async-task:process        | F | T | T | F | F",
        "async-task:process,workflow:process        | F | T | T | F | F",
        "!,workflow:process                         | T | T | F | F | F",
        "workflow:process,!                         | T | T | F | F | F",
        "!,*                                        | T | F | F | F | F",
        "*,!                                        | T | F | F | F | F",
        "*,workflow:process                         | F | T | F | F | F",
        "*,*                                        | F | F | F | F | F",
        "!,-                                        | T | F | F | F | F",
        "-,workflow:process                         | F | T | F | F | F",
        "\" * \"                                    | F | F | F | F | F",
        "\" - \"                                    | F | F | F | F | F",
        "\" ! \"                                    | T | F | F | F | F",
        "\" workflow:process \"                     | F | T | F | F | F",
        "\"workflow:process, async-task:process\"   | F | T | F | F | F",
        "\"!, workflow:process\"                    | T | F | F | F | F",
        "workflow:process,                          | F | T | F | F | F",
        "\",\"                                      | F | F | F | F | F",
        "\"   \"                                    | F | F | F | F | F",
        "!!                                         | F | F | F | F | F",
        "WORKFLOW:PROCESS                           | F | F | F | F | F",
        "workflow:*                                 | F | F | F | F | F",
        "!workflow:process                          | F | F | F | F | F",
        "unknown:key                                | F | F | F | F | F",
      })
  void strictlyReadsToTheLetter(String value, char r, char k1, char k2, char x, char t) {
    assertServes(ServiceSplit.strict(value), r, k1, k2, x, t);
  }

  @ParameterizedTest(name = "[{0}]")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "                                           | T | T | T | T | F",
        "\"\"                                       | T | T | T | T | F",
        "!                                          | T | F | F | F | F",
        "*                                          | F | T | T | T | F",
        "-                                          | F | F | F | F | T",
        "workflow:process                           | F | T | F | F | F",
        "workflow:process,async-task:process        | F | T | T | F | F",
        "async-task:process,workflow:process        | F | T | T | F | F",
        "!,workflow:process                         | T | T | F | F | F",
        "workflow:process,!                         | T | T | F | F | F",
        "!,-                                        | T | F | F | F | F",
        "-,workflow:process                         | F | T | F | F | F",
        "\" ! \"                                    | T | F | F | F | F",
        "\" workflow:process \"                     | F | T | F | F | F",
        "workflow:process,                          | F | T | F | F | F",
        "\",\"                                      | F | F | F | F | F",
        "!!                                         | F | F | F | F | F",
        "WORKFLOW:PROCESS                           | F | F | F | F | F",
        "workflow:*                                 | F | F | F | F | F",
        "!workflow:process                          | F | F | F | F | F",
        "unknown:key                                | F | F | F | F | F",
        // What differs: a star in a list counts, and white space does not.
        "!,*                                        | T | T | T | T | F",
        "*,!                                        | T | T | T | T | F",
        "*,workflow:process                         | F | T | T | T | F",
        "*,*                                        | F | T | T | T | F",
        "\" * \"                                    | F | T | T | T | F",
        "\" - \"                                    | F | F | F | F | T",
        "\"   \"                                    | T | T | T | T | F",
        "\"workflow:process, async-task:process\"   | F | T | T | F | F",
        "\"!, workflow:process\"                    | T | T | F | F | F",
        "\"workflow:process\t,\t!\"                 | T | T | F | F | F",
      })
  void readsWhatIsMeant(String value, char r, char k1, char k2, char x, char t) {
    assertServes(ServiceSplit.parse(value), r, k1, k2, x, t);
  }

  @Test
  void anEmptyKeyAsksForRequests() {
    var split = ServiceSplit.parse("!");

    assertThat(split.serving("")).isTrue();
    assertThat(split.serving(null)).isTrue();
    assertThat(ServiceSplit.parse("*").serving("")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "!", "*", "-", "!,*", "workflow:process, !", "workflow:process,"})
  void hasNothingToSayAboutWhatIsRight(String value) {
    assertThat(ServiceSplit.parse(value).problems(KNOWN)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "!!                  | '!!' is no service",
        "WORKFLOW:PROCESS    | 'WORKFLOW:PROCESS' is no service",
        "!,workflow:*        | 'workflow:*' is no service",
        "unknown:key         | 'unknown:key' is no service",
        "-,!                 | '-' means nothing and contradicts",
        "*,workflow:process  | '*' means every service",
        ",                   | names nothing",
      })
  void saysWhatIsOdd(String value, String what) {
    assertThat(ServiceSplit.parse(value).problems(KNOWN))
        .singleElement()
        .asString()
        .startsWith("WORKER_MODE=" + value + ": ")
        .contains(what)
        .contains(WORKFLOW)
        .contains(ASYNC_TASK);
  }

  @Test
  void saysThatAStarInAListIsLostWhenReadStrictly() {
    assertThat(ServiceSplit.strict("!,*").problems(KNOWN))
        .singleElement()
        .asString()
        .contains("'*' counts only when it stands alone");
  }

  @Test
  void knowsWhetherAnythingIsLeftToDo() {
    assertThat(ServiceSplit.parse("unknown:key").servesAny(KNOWN)).isFalse();
    assertThat(ServiceSplit.parse("!,unknown:key").servesAny(KNOWN)).isTrue();
    assertThat(ServiceSplit.parse("*").served(KNOWN)).containsExactly(ASYNC_TASK, WORKFLOW);
  }

  private static void assertServes(
      ServiceSplit split, char requests, char flows, char tasks, char other, char isTransient) {
    assertThat(split.serving()).isEqualTo(requests == 'T');
    assertThat(split.serving(WORKFLOW)).isEqualTo(flows == 'T');
    assertThat(split.serving(ASYNC_TASK)).isEqualTo(tasks == 'T');
    assertThat(split.serving(OTHER)).isEqualTo(other == 'T');
    assertThat(split.isTransient()).isEqualTo(isTransient == 'T');
  }
}
