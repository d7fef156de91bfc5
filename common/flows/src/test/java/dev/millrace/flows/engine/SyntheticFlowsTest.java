package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.TestFlows;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchException;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ScriptLimits;
import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Flows of our own for what no template shows, each a file that says what it proves, with a script
 * for its model and what has to come out. {@code bin/millrace flow run} takes such files as well.
 */
class SyntheticFlowsTest {
  private static final GuardedHttp HTTP =
      new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT);
  private static final GraalSandbox SCRIPTS = new GraalSandbox(ScriptLimits.DEFAULT);

  @AfterAll
  static void close() {
    SCRIPTS.close();
    HTTP.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "approval-before-a-tool",
        "condition-shared-target",
        "dollar-signs-and-braces-in-values",
        "iteration-inside-iteration",
        "iteration-over-falsy-items",
        "iteration-sees-outer-records",
        "join-below-condition",
        "loop-limit-with-fallback",
        "missing-reference",
        "one-output-two-targets",
        "parallel-models-from-start",
        "query-with-correction",
        "research-with-subagents",
        "structured-output-of-every-type",
        "tool-error-goes-to-the-model",
        "unknown-tool-call",
      })
  void comesOutAsItsFileSays(String name) {
    JsonNode file = Json.read(TestFlows.text("synthetic/" + name));
    JsonNode expect = file.path("expect");
    try (var server = FakeModelServer.start()) {
      file.path("script").forEach(entry -> server.reply(ModelReply.parse(entry)));
      String flow =
          file.path("flow").toString().replace("\"MODEL\"", "\"" + server.baseUrl() + "\"");
      RunResult result =
          TestRun.of(FlowParser.parse(flow).flow())
              .with(new LangChainChatModels(HTTP, ModelLimits.DEFAULT))
              .with(SCRIPTS)
              .with((request, cancellation) -> {
                throw new FetchException("GET " + request.url() + " is refused", null);
              })
              .ask(file.path("question").asString());

      String proves = file.path("proves").asString();
      assertThat(result.error()).as(proves).isNull();
      assertThat(result.status().name()).as(proves).isEqualTo(expect.path("status").asString());
      assertThat(TestRun.ids(result))
          .as(proves)
          .isEqualTo(expect.path("nodes").valueStream().map(id -> id.asString("")).toList());
      if (expect.has("text")) {
        assertThat(result.text()).as(proves).isEqualTo(expect.path("text").asString());
      }
      assertThat(server.requests()).as(proves).hasSize(expect.path("calls").asInt(0));
      if (expect.has("lastQuestion")) {
        assertThat(server.requests().getLast().question())
            .as(proves)
            .isEqualTo(expect.path("lastQuestion").asString());
      }
    }
  }
}
