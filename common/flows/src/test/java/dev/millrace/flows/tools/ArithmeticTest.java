package dev.millrace.flows.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArithmeticTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 + 2 * 3|7",
        "(1 + 2) * 3|9",
        "-2^2|-4",
        "2^3^2|512",
        "2 ** 3|8",
        "2^-1|0.5",
        "7 % 4|3",
        "-7 % 4|1",
        "50%|0.5",
        "200 * 10%|20",
        "1.5e3 + .5|1500.5",
        "sqrt(16) + abs(-3)|7",
        "max(1, 5, 3) - min(2, 1)|4",
        "round(2.345, 2)|2.35",
        "log(8, 2)|3",
        "5!|120",
        "2 * pi|6.283185307179586",
        "--3|3",
      })
  void computes(String expression, double value) {
    assertThat(new Arithmetic(expression).value()).isCloseTo(value, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1 +", "(1", "1 2", "foo", "foo(1)", "1..2", "a=1", "process.exit()", "200!"})
  void refusesWhatIsNone(String expression) {
    assertThatThrownBy(() -> new Arithmetic(expression).value())
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void endsAtABomb() {
    for (String bomb : new String[] {"(".repeat(9_000), "2^".repeat(4_000) + "2"}) {
      assertThatThrownBy(() -> new Arithmetic(bomb).value())
          .isInstanceOf(ArithmeticException.class);
    }
  }
}
