package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ErrorTextTest {
  @Test
  void saysWhatTheErrorSays() {
    assertThat(ErrorText.of(new IllegalStateException("boom"))).isEqualTo("boom");
    assertThat(ErrorText.of(new NumberFormatException("5"))).isEqualTo("NumberFormatException: 5");
    assertThat(ErrorText.of(new IllegalStateException()))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(ErrorText.of(new IllegalStateException(" ")))
        .isEqualTo("java.lang.IllegalStateException");
  }

  @Property
  void canBeStoredWhateverItIs(@ForAll String text) {
    var clipped = ErrorText.clip(text);

    assertThat(clipped).doesNotContain("\0").hasSizeLessThanOrEqualTo(ErrorText.LIMIT + 10);
    assertThat(new String(clipped.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
        .isEqualTo(clipped);
  }

  @Test
  void isCutBetweenCharacters() {
    var text = "x".repeat(ErrorText.LIMIT - 1) + "😀";

    assertThat(ErrorText.clip(text)).endsWith("x… (cut)");
  }
}
