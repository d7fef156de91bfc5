package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a client that asked for deltas puts together is what the others are sent. */
class DeltasTest {
  @ParameterizedTest
  @ValueSource(strings = {"join-below-condition", "state-of-branches", "one-output-two-targets"})
  void deltasAddUpToTheWhole(String flow) {
    var uneven =
        new FakeScripts((script, cancellation) -> {
          cancellation.pause(Duration.ofMillis(Math.floorMod(script.code().hashCode(), 7)));
          return Json.text(script.code());
        });
    var run = TestRun.of(flow).with(uneven);
    RunResult result = run.send(Json.object().put("question", "yes").put("events", "delta"));
    assertThat(run.data("agentFlowExecutedData")).isEmpty();
    List<JsonNode> got = new ArrayList<>();
    int sent = 0;
    for (JsonNode delta : run.data("agentFlowExecutedDelta")) {
      int from = delta.path("from").asInt();
      got.subList(from, got.size()).clear();
      delta.path("records").forEach(got::add);
      sent += delta.path("records").size();
    }
    assertThat(got.stream().map(record -> record.path("nodeId").asString()).toList())
        .isEqualTo(TestRun.ids(result));
    assertThat(sent).isLessThan(result.records().size() * (result.records().size() + 1) / 2);
  }
}
