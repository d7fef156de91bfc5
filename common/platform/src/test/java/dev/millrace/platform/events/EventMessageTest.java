package dev.millrace.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventMessageTest {
  private static final UUID RUN = UUID.fromString("00000000-0000-4000-8000-000000000001");

  @Test
  void readsWhatAFlowiseWorkerPublishes() {
    var message =
        EventMessage.parse("{\"chatId\":\"c\",\"eventType\":\"token\",\"data\":\"t0 \\\"é\\\"\"}");

    assertThat(message)
        .isEqualTo(new EventMessage("c", null, new StreamEvent("token", "\"t0 \\\"é\\\"\"")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\"",
        "\"a\\nb\"",
        "12.50",
        "null",
        "true",
        "[]",
        "[{\"a\":[1,2]}]",
        "{\"b\":{}}"
      })
  void keepsThePayloadAsItStands(String data) {
    var message = new EventMessage("chat \"1\"", RUN, new StreamEvent("any", data));

    assertThat(EventMessage.parse(message.toJson())).isEqualTo(message);
  }

  @Test
  void keepsTheDuration() {
    var message = new EventMessage("c", RUN, new StreamEvent("thinking", "\"\"", "3"));

    assertThat(message.toJson()).contains("\"duration\":3");
    assertThat(EventMessage.parse(message.toJson())).isEqualTo(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "{\"chatId\":\"c\"}",
        "{\"eventType\":\"token\",\"data\":1}",
        "{\"chatId\":\"c\",\"eventType\":\"t\",\"data\":",
        "{\"chatId\":\"c\",\"eventType\":\"t\",\"runId\":\"x\"}"
      })
  void ignoresWhatIsNoEvent(String json) {
    assertThat(EventMessage.parse(json)).isNull();
  }
}
