package dev.millrace.platform.prediction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PredictionJobTest {
  private static final String FLOW =
      "{\"flowData\":\"{\\\"nodes\\\":[]}\",\"id\":\"f-1\",\"name\":\"ünïcode 日本 😀\"}";

  private final JsonMapper json = JsonMapper.shared();

  @Test
  void comesBackAsItWasSent() {
    var job = job("{\"question\":\"grüße 😀\",\"streaming\":\"true\"}");

    var data = job.toJson(json);
    var read = PredictionJob.parse(data, "q:1:0", json);

    assertThat(data).matches("\\p{ASCII}*");
    assertThat(read.ids()).isEqualTo(job.ids());
    assertThat(read.incomingInput()).isEqualTo(job.incomingInput());
    assertThat(json.readTree(read.chatflowJson())).isEqualTo(json.readTree(FLOW));
    assertThat(read.flowId()).isEqualTo("f-1");
    assertThat(read.streaming()).isTrue();
    assertThat(read.sessionId()).isEqualTo("chat");
  }

  @Test
  void aFlowiseServersJobGetsTheSameIdsEveryTime() {
    var data = "{\"incomingInput\":{},\"chatflow\":" + FLOW + ",\"chatId\":\"c\",\"files\":[{}]}";

    var first = PredictionJob.parse(data, "queue:7:1795335906912", json);
    var second = PredictionJob.parse(data, "queue:7:1795335906912", json);
    var other = PredictionJob.parse(data, "queue:8:1795335906912", json);

    assertThat(first.ids()).isEqualTo(second.ids()).isNotEqualTo(other.ids());
    assertThat(first.ids().newSession()).isFalse();
  }

  @Test
  void theSessionIsTheGivenOneOrTheChat() {
    assertThat(job("{\"overrideConfig\":{\"sessionId\":\"s\"}}").sessionId()).isEqualTo("s");
    assertThat(job("{\"sessionId\":\"ignored\"}").sessionId()).isEqualTo("chat");
  }

  @Test
  void whatIsNoPredictionIsRefusedByName() {
    assertThatThrownBy(() -> PredictionJob.parse("{\"chatId\":\"c\"}", "i", json))
        .hasMessageContaining("incomingInput");
    assertThatThrownBy(() -> PredictionJob.parse("{\"isExecuteCustomFunction\":true}", "i", json))
        .hasMessageContaining("isExecuteCustomFunction");
  }

  private PredictionJob job(String input) {
    return new PredictionJob(
        PredictionJob.Ids.random(true),
        (ObjectNode) json.readTree(input),
        "f-1",
        AsciiJson.of(FLOW),
        "chat",
        "http://localhost",
        false,
        "org",
        "workspace",
        null);
  }
}
