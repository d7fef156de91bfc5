package dev.millrace.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RedactionTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Redaction redaction = new Redaction(List.of("*password*", "apiKey"), JSON);

  @Test
  void hidesValuesOfMatchingKeysAtAnyDepthAndInAnyCase() {
    assertThat(redaction.show("{\"a\":[{\"DB_Password_2\":{\"x\":1},\"APIKEY\":7,\"apiKeys\":8}]}"))
        .isEqualTo("{\"a\":[{\"DB_Password_2\":\"***\",\"APIKEY\":\"***\",\"apiKeys\":8}]}");
  }

  @Test
  void hidesInsideTextsThatAreJson() {
    assertThat(redaction.show("{\"flowData\":\"{\\\"password\\\": \\\"s3cret\\\"}\"}"))
        .isEqualTo("{\"flowData\":\"{\\\"password\\\":\\\"***\\\"}\"}")
        .doesNotContain("s3cret");
  }

  @Test
  void leavesTheRestByteForByte() {
    var text = "{ \"big\": 12345678901234567890123, \"t\":\"{\\\"a\\\":  1}\", \"n\":1.50 }";
    assertThat(redaction.show(text)).isEqualTo(text);
  }

  @Test
  void emptyValuesAreShown() {
    assertThat(redaction.show("{\"password\":null,\"apiKey\":\"\"}"))
        .isEqualTo("{\"password\":null,\"apiKey\":\"\"}");
  }

  @Test
  void whatIsNoJsonIsShownAsText() {
    for (var text : List.of("", "{\"a\":", "1 2", "hello <b>", "{\"password\":\"x\"} trailing")) {
      assertThat(JSON.readTree(redaction.show(text)).stringValue()).isEqualTo(text);
    }
  }

  @Test
  void nothingIsHiddenWithoutPatterns() {
    var open = new Redaction(List.of(), JSON);
    assertThat(open.show("{\"password\":\"x\"}")).isEqualTo("{\"password\":\"x\"}");
    open.requireUnmasked(JSON.readTree("{\"password\":\"***\"}"));
  }

  @Test
  void anEditAroundAHiddenValueKeepsIt() {
    var stored =
        "{\"q\":\"a\",\"apiKey\":\"k\",\"list\":[{\"password\":\"p\"}],"
            + "\"flow\":\"{\\\"password\\\":\\\"in\\\"}\"}";
    var sent = redaction.show(stored).replace("\"q\":\"a\"", "\"q\":\"b\"");
    assertThat(redaction.restore(JSON.readTree(sent), stored))
        .isEqualTo(JSON.readTree(stored.replace("\"q\":\"a\"", "\"q\":\"b\"")));
  }

  @Test
  void aMaskThatStandsForNothingIsRefused() {
    var sent = JSON.readTree("{\"moved\":{\"apiKey\":\"***\"}}");
    assertThatThrownBy(() -> redaction.restore(sent, "{\"apiKey\":\"k\"}"))
        .isInstanceOfSatisfying(BoardError.class, e -> assertThat(e.status()).isEqualTo(400));
  }
}
