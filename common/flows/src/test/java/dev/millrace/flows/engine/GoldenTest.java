package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.testing.Golden;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The first turn of every captured template, against what a real Flowise did. */
class GoldenTest {
  private static final GuardedHttp HTTP =
      new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT);

  @AfterAll
  static void close() {
    HTTP.close();
  }

  static List<Golden> cases() {
    return Golden.of("agentflowsv2");
  }

  @Test
  void theCapturesAreThere() {
    assumeTrue(!cases().isEmpty(), "no folder above this one has shared/wire/golden");
    assertThat(cases()).hasSizeGreaterThan(5);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("cases")
  void runsAsOnFlowise(Golden golden) {
    Golden.Turn turn = golden.turns().getFirst();
    try (var server = golden.startModels()) {
      var run =
          TestRun.of(FlowParser.parse(golden.flow(server.baseUrl())).flow())
              .with(new LangChainChatModels(HTTP, ModelLimits.DEFAULT));
      RunResult result = run.send(turn.request());

      assertThat(result.error()).isNull();
      assertThat(records(result.publicRecords()))
          .isEqualTo(records(turn.response().path("agentFlowExecutedData")));
      assertThat(result.text()).isEqualTo(turn.response().path("text").asString());
      JsonNode calls = Golden.calls(server.requests());
      assertThat(Golden.comparableCalls(calls, turn.calls()))
          .isEqualTo(Golden.comparableCalls(turn.calls(), turn.calls()));
    }
  }

  /** As text that shows where two differ. */
  private static String records(JsonNode records) {
    var answer = Json.object();
    answer.set("agentFlowExecutedData", records);
    return Json.pretty(sorted(Golden.comparable(Json.read(answer.toString()))));
  }

  private static JsonNode sorted(JsonNode value) {
    if (value.isArray()) {
      var array = Json.array();
      value.forEach(item -> array.add(sorted(item)));
      return array;
    }
    if (!value.isObject()) {
      return value;
    }
    var object = Json.object();
    value.propertyNames().stream()
        .sorted()
        .forEach(name -> object.set(name, sorted(value.get(name))));
    return object;
  }
}
