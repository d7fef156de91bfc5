package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.millrace.testing.Golden;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every captured template, turn by turn, in both modes, streaming and not, against what a real
 * Flowise answered and what it asked its models.
 */
class GoldenIT {
  private final JsonMapper json = JsonMapper.shared();

  @ParameterizedTest
  @ValueSource(strings = {"main", "queue"})
  void templatesRunAsOnFlowise(String mode) throws Exception {
    var cases = Golden.of("agentflowsv2");
    assumeFalse(cases.isEmpty(), "no folder above this one has shared/wire/golden");
    try (var deployment = new Deployment(mode)) {
      var api = deployment.startServer();
      if (mode.equals("queue")) {
        deployment.startWorker();
      }
      var soft = new SoftAssertions();
      for (var golden : cases) {
        for (var streaming : List.of(false, true)) {
          soft.assertThatCode(() -> conversation(api, golden, streaming))
              .as(golden + (streaming ? ", streaming" : ""))
              .doesNotThrowAnyException();
        }
      }
      soft.assertAll();
    }
  }

  private void conversation(Api api, Golden golden, boolean streaming) throws Exception {
    try (var models = golden.startModels()) {
      var flow = api.createFlow(golden.flow(models.baseUrl()));
      var chat = golden.newChat();
      var seen = 0;
      for (var turn : golden.turns()) {
        var request = turn.request().put("chatId", chat);
        var answer =
            streaming
                ? streamed(api, flow, request.put("streaming", true))
                : answered(api, flow, request);
        var expected = Golden.comparable(turn.response());
        if (streaming) {
          ((ObjectNode) expected).remove("form"); // the stream does not repeat it
        }
        assertThat(Golden.comparable(answer)).isEqualTo(expected);
        var requests = models.requests();
        var calls = Golden.calls(requests.subList(seen, requests.size()));
        seen = requests.size();
        assertThat(Golden.comparableCalls(calls, turn.calls()))
            .isEqualTo(Golden.comparableCalls(turn.calls(), turn.calls()));
      }
    }
  }

  private JsonNode answered(Api api, String flow, ObjectNode request) throws Exception {
    var answer = api.predict(flow, request.toString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json.readTree(answer.body());
  }

  /** Puts together from a stream what the JSON answer says. */
  private JsonNode streamed(Api api, String flow, ObjectNode request) throws Exception {
    var events = api.stream(flow, request.toString());
    var names = new ArrayList<String>();
    var text = new StringBuilder();
    var answer = json.createObjectNode();
    for (var event : events) {
      names.add(event.path("event").asString());
      var data = event.path("data");
      switch (event.path("event").asString()) {
        case "token" -> text.append(data.asString());
        case "agentFlowExecutedData" -> answer.set("agentFlowExecutedData", data);
        case "metadata" -> {
          for (var member : List.of("question", "action")) {
            if (data.has(member)) {
              answer.set(member, data.get(member));
            }
          }
        }
        default -> {
          // The order of all events is pinned elsewhere.
        }
      }
    }
    assertThat(names).endsWith("metadata", "end");
    return answer.put("text", text.toString());
  }
}
