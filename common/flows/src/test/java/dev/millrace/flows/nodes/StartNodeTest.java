package dev.millrace.flows.nodes;

import static dev.millrace.flows.fakes.TestRun.data;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.FlowStore.PreviousRun;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;

class StartNodeTest {
  private static final String FORM =
      "{\"startInputType\":\"formInput\",\"formTitle\":\"T\",\"formDescription\":\"D\","
          + "\"formInputTypes\":[{\"type\":\"string\",\"label\":\"Name\",\"name\":\"name\"}]}";

  @Test
  void takesAForm() {
    RunResult result = form().sendJson("{\"form\":{\"name\":\"A: b\\nc\",\"n\":5}}");
    assertThat(data(result, "startAgentflow_0"))
        .hasToString(
            "{\"id\":\"startAgentflow_0\",\"name\":\"startAgentflow\",\"input\":{\"form\":"
                + "{\"title\":\"T\",\"description\":\"D\",\"inputs\":[{\"type\":\"string\","
                + "\"label\":\"Name\",\"name\":\"name\"}]}},\"output\":{\"form\":"
                + "\"name: A: b\\nc\\nn: 5\",\"formData\":{\"name\":\"A: b\\nc\",\"n\":5}},"
                + "\"state\":{}}");
    assertThat(result.text()).isEqualTo("A: b\nc is 5");
  }

  @Test
  void restoresTheFormOfTheRunBefore() {
    RunResult first = form().sendJson("{\"form\":{\"name\":\"A: b\\nc\",\"n\":5}}");
    RunResult second = form().with(after(first.publicRecords())).sendJson("{\"question\":\"?\"}");
    assertThat(second.text()).isEqualTo("A: b\nc is 5");
  }

  @Test
  void restoresAFormThatFlowiseStoredAsLines() {
    var records =
        (ArrayNode) Json.read("[{\"data\":{\"output\":{\"form\":\"name: A: b\\nn: 6\"}}}]");
    assertThat(form().with(after(records)).sendJson("{}").text()).isEqualTo("A: b is 6");
  }

  @Test
  void setsUpTheState() {
    RunResult result =
        state("{\"startState\":\"[{\\\"key\\\":\\\"a\\\",\\\"value\\\":1}]\"}").ask("");
    assertThat(data(result, "startAgentflow_0").path("state")).hasToString("{\"a\":1}");
  }

  @Test
  void keepsTheStateOfTheRunBeforeWhenAskedTo() {
    String start =
        "{\"startState\":[{\"key\":\"a\",\"value\":\"new\"},{\"key\":\"b\",\"value\":\"new\"}],"
            + "\"startPersistState\":%s}";
    var records =
        (ArrayNode)
            Json.read("[{\"data\":{\"state\":{\"a\":\"old\"}}},{\"data\":{\"error\":\"x\"}}]");
    RunResult kept = state(start.formatted("true")).with(after(records)).ask("");
    assertThat(data(kept, "startAgentflow_0").path("state"))
        .hasToString("{\"a\":\"old\",\"b\":\"new\"}");
    RunResult fresh = state(start.formatted("\"\"")).with(after(records)).ask("");
    assertThat(data(fresh, "startAgentflow_0").path("state"))
        .hasToString("{\"a\":\"new\",\"b\":\"new\"}");
  }

  @Test
  void fieldsThatWereLeftOutHaveTheirDefaults() {
    RunResult result =
        FlowDraft.start(
                "{\"startInputType\":\"formInput\",\"formInputTypes\":["
                    + "{\"type\":\"options\",\"name\":\"size\",\"default\":\"L\","
                    + "\"addOptions\":[{\"option\":\"S\"},{\"option\":\"L\"}]},"
                    + "{\"type\":\"boolean\",\"name\":\"gift\"},{\"type\":\"number\",\"name\":\"n\"}]}")
            .then(
                "directReplyAgentflow_0",
                "R",
                "{\"directReplyMessage\":\"{{ $form.size }} {{ $form.gift }} {{ $form.n }}\"}")
            .run()
            .sendJson("{\"form\":{\"gift\":true,\"n\":1.5}}");
    assertThat(result.text()).isEqualTo("L true 1.5");
  }

  @Test
  void takesAWebhooksPayload() {
    String body =
        "{\"question\":\"Ada\",\"webhook\":{\"body\":{\"a\":[1]},\"headers\":{},\"query\":{}}}";
    RunResult result = trigger("webhookTrigger").chatType("WEBHOOK").sendJson(body);
    assertThat(data(result, "startAgentflow_0").path("output"))
        .hasToString(
            "{\"webhook\":{\"body\":{\"a\":[1]},\"headers\":{},\"query\":{}},\"question\":\"Ada\"}");
    assertThat(result.text()).isEqualTo("[1]");
  }

  @Test
  void onlyTheWebhooksRouteMayStartSuchAFlow() {
    assertThat(trigger("webhookTrigger").sendJson("{\"question\":\"x\",\"webhook\":{}}").error())
        .contains("Start", "/api/v1/webhook/flow-1");
  }

  @Test
  void takesWhatAScheduleAsks() {
    var asked = trigger("scheduleInput").chatType("SCHEDULED").sendJson("{\"question\":\"go\"}");
    assertThat(data(asked, "startAgentflow_0").at("/output/question").asString()).isEqualTo("go");
    var filled =
        trigger("scheduleInput").chatType("SCHEDULED").sendJson("{\"form\":{\"a\":\"1\"}}");
    assertThat(data(filled, "startAgentflow_0").at("/output/form/a").asString()).isEqualTo("1");
    assertThat(trigger("scheduleInput").ask("x").error()).contains("waits for its schedule");
  }

  private static TestRun trigger(String type) {
    return FlowDraft.start("{\"startInputType\":\"" + type + "\"}")
        .then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"{{ $webhook.body.a }}\"}")
        .run();
  }

  @Test
  void namesAnInputTypeThatIsNotSupported() {
    assertThat(state("{\"startInputType\":\"telepathy\"}").ask("x").error())
        .contains("telepathy", "chatInput");
  }

  private static TestRun form() {
    return FlowDraft.start(FORM)
        .then(
            "directReplyAgentflow_0",
            "R",
            "{\"directReplyMessage\":\"{{ $form.name }} is {{ $form.n }}\"}")
        .run();
  }

  private static TestRun state(String start) {
    return FlowDraft.start(start)
        .then("directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"x\"}")
        .run();
  }

  private static FakeStore after(ArrayNode records) {
    return new FakeStore(List.of(), Map.of(), new PreviousRun("e1", RunStatus.FINISHED, records));
  }
}
