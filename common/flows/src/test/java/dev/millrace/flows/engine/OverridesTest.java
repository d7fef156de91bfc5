package dev.millrace.flows.engine;

import static dev.millrace.flows.fakes.TestRun.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverridesTest {
  private static final String ALLOWED =
      "{\"overrideConfig\":{\"status\":true,\"nodes\":{\"R\":[{\"name\":\"directReplyMessage\","
          + "\"enabled\":true}],\"Start\":[{\"name\":\"startState\",\"enabled\":true}]},"
          + "\"variables\":[{\"name\":\"v\",\"enabled\":true},{\"name\":\"w\",\"enabled\":false}]}}";

  @Test
  void changesWhatIsPermitted() {
    assertThat(text(ALLOWED, "{\"directReplyMessage\":\"new {{ question }}\"}")).isEqualTo("new q");
    assertThat(text(ALLOWED, "{\"directReplyMessage\":{\"directReplyAgentflow_0\":\"mine\"}}"))
        .isEqualTo("mine");
    assertThat(text(ALLOWED, "{\"directReplyMessage\":{\"directReplyAgentflow_7\":\"other\"}}"))
        .as("a value for another node")
        .isEqualTo("old 1 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"overrideConfig\":{\"status\":false,\"nodes\":{\"R\":[{\"name\":"
            + "\"directReplyMessage\",\"enabled\":true}]}}}",
        "{\"overrideConfig\":{\"status\":true,\"nodes\":{\"R\":[{\"name\":"
            + "\"directReplyMessage\",\"enabled\":false}]}}}",
        "{\"overrideConfig\":{\"status\":true,\"nodes\":{\"Other\":[{\"name\":"
            + "\"directReplyMessage\",\"enabled\":true}]}}}"
      })
  void changesNothingElseNotEvenByObjects(String permissions) {
    for (String value :
        List.of(
            "\"new\"",
            "[\"new\"]",
            "{\"directReplyAgentflow_0\":\"new\"}",
            "{\"content\":\"new\"}")) {
      assertThat(text(permissions, "{\"directReplyMessage\":" + value + "}")).isEqualTo("old 1 2");
    }
  }

  @Test
  void changesPermittedVariables() {
    assertThat(text(ALLOWED, "{\"vars\":{\"v\":\"new\",\"w\":\"new\"}}")).isEqualTo("old new 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"key\":\"a\",\"value\":\"new\"}]",
        "{\"a\":\"new\"}",
        "{\"startAgentflow_0\":{\"a\":\"new\"}}",
        "{\"startAgentflow_0\":[{\"key\":\"a\",\"value\":\"new\"}]}"
      })
  void changesThePermittedState(String state) {
    RunResult result = run(ALLOWED).sendJson(body("{\"startState\":" + state + "}"));
    assertThat(data(result, "startAgentflow_0").path("state"))
        .hasToString("{\"a\":\"new\",\"b\":\"0\"}");
    assertThat(
            data(run("{}").sendJson(body("{\"startState\":" + state + "}")), "startAgentflow_0")
                .path("state"))
        .hasToString("{\"a\":\"0\",\"b\":\"0\"}");
  }

  private static String text(String permissions, String overrides) {
    return run(permissions).sendJson(body(overrides)).text();
  }

  private static String body(String overrides) {
    return "{\"question\":\"q\",\"overrideConfig\":" + overrides + "}";
  }

  private static TestRun run(String permissions) {
    return FlowDraft.start(
            "{\"startState\":[{\"key\":\"a\",\"value\":\"0\"},{\"key\":\"b\",\"value\":\"0\"}]}")
        .then(
            "directReplyAgentflow_0",
            "R",
            "{\"directReplyMessage\":\"old {{ $vars.v }} {{ $vars.w }}\"}")
        .run()
        .permitting(permissions)
        .with(new FakeStore(List.of(), Map.of("v", "1", "w", "2"), null));
  }
}
