package dev.millrace.flows.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestFlows;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.FlowProblem;
import dev.millrace.flows.model.FlowProblem.Code;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowLintTest {
  @Test
  void referencesToWhatNeverRanBefore() {
    var flow =
        FlowDraft.start()
            .then(
                "directReplyAgentflow_0", "R", "{\"directReplyMessage\":\"{{ llmAgentflow_0 }}\"}")
            .node("llmAgentflow_0", "L", "{}")
            .edge("startAgentflow_0", "llmAgentflow_0")
            .flow();
    assertThat(codes(flow)).containsExactly(Code.REFERENCE);
    assertThat(FlowLint.lint(flow).getFirst().message()).contains("\"R\"", "llmAgentflow_0");
  }

  @Test
  void referencesBackFromALoopAreFine() {
    var flow =
        FlowDraft.start()
            .then("llmAgentflow_0", "A", "{\"llmUserMessage\":\"{{ llmAgentflow_1 }}\"}")
            .then("llmAgentflow_1", "B", "{}")
            .then("loopAgentflow_0", "Loop", "{\"loopBackToNode\":\"llmAgentflow_0-A\"}")
            .flow();
    assertThat(codes(flow)).isEmpty();
  }

  @Test
  void stateThatNobodySets() {
    var flow =
        FlowDraft.start("{\"startState\":[{\"key\":\"known\",\"value\":\"\"}]}")
            .then(
                "directReplyAgentflow_0",
                "R",
                "{\"directReplyMessage\":\"{{$flow.state.known}} {{ $flow.state.gone }}\"}")
            .flow();
    assertThat(FlowLint.lint(flow))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("$flow.state.gone"));
  }

  @Test
  void modulesThatTheSandboxHasNot() {
    var flow =
        FlowDraft.start()
            .then(
                "customFunctionAgentflow_0",
                "F",
                "{\"customFunctionJavascriptFunction\":"
                    + "\"require('axios'); require('node:crypto'); require('typeorm')\"}")
            .flow();
    assertThat(FlowLint.lint(flow))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("typeorm"));
  }

  @Test
  void httpNodesAtTheEndAndSchedulesThatMakeNoSense() {
    var flow =
        FlowDraft.start("{\"startInputType\":\"scheduleInput\",\"scheduleFrequency\":\"never\"}")
            .then("httpAgentflow_0", "H", "{}")
            .flow();
    assertThat(codes(flow)).containsExactly(Code.BLANK_ANSWER, Code.SCHEDULE);
  }

  @Test
  void requiredInputsThatAreShownAndEmpty() {
    var flow =
        FlowDraft.start()
            .then("directReplyAgentflow_0", "R", "{\"mode\":\"a\",\"shown\":\"<p></p>\"}")
            .flow();
    var params = flow.nodes().getLast().data().putArray("inputParams");
    params.addObject().put("name", "mode");
    params.addObject().put("name", "shown").putObject("show").put("mode", "a|b");
    params.addObject().put("name", "hidden").putObject("hide").put("mode", "a");
    params.addObject().put("name", "optional").put("optional", true);
    assertThat(FlowLint.lint(flow))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("(shown)"));
  }

  @Test
  void rowsOfListsAreLookedAtOneByOne() {
    var flow =
        FlowDraft.start()
            .then(
                "agentAgentflow_0",
                "A",
                "{\"agentMessages\":[{\"role\":\"user\",\"content\":\"hi\"},"
                    + "{\"role\":\"user\",\"content\":\"<p></p>\"},{\"role\":\"none\"}]}")
            .flow();
    var list = flow.nodes().getLast().data().putArray("inputParams").addObject();
    var fields = list.put("name", "agentMessages").put("optional", true).putArray("array");
    fields.addObject().put("name", "role");
    fields
        .addObject()
        .put("name", "content")
        .put("label", "Content")
        .putObject("show")
        .put("agentMessages[$index].role", "user");
    assertThat(FlowLint.lint(flow))
        .singleElement()
        .satisfies(problem ->
            assertThat(problem.message()).contains("Content (agentMessages[1].content)"));
  }

  @Test
  void whatANodeChoosesHasNeedsToo() {
    String tools =
        "{\"agentTools\":[{\"agentSelectedTool\":\"requestsGet\",\"agentSelectedToolConfig\":{}},"
            + "{\"agentSelectedTool\":\"serper\",\"agentSelectedToolConfig\":{}},"
            + "{\"agentSelectedTool\":\"calculator\"}]}";
    var flow = FlowDraft.start().then("agentAgentflow_0", "A", tools).flow();
    flow.nodes()
        .getLast()
        .data()
        .putArray("inputParams")
        .addObject()
        .put("name", "agentTools")
        .putArray("array")
        .addObject()
        .put("name", "agentSelectedTool")
        .put("loadConfig", true);
    assertThat(FlowLint.lint(flow))
        .as("an export, which has no credentials")
        .singleElement()
        .satisfies(problem ->
            assertThat(problem.message())
                .contains("requestsGetUrl (agentTools[0].agentSelectedToolConfig)"));
    flow.nodes().getFirst().data().put("credential", "c1");
    assertThat(codes(flow)).containsExactly(Code.EMPTY_INPUT, Code.MISSING_CREDENTIAL);
    assertThat(FlowLint.lint(flow).getLast().message())
        .contains("agentTools[1].agentSelectedToolConfig of serper");
  }

  @Test
  void loopsGoBackToWhatLedToThem() {
    var draft =
        FlowDraft.start()
            .then("llmAgentflow_0", "A", "{}")
            .then("loopAgentflow_0", "Loop", "{\"loopBackToNode\":\"llmAgentflow_1-B\"}")
            .node("llmAgentflow_1", "B", "{}")
            .edge("startAgentflow_0", "llmAgentflow_1");
    assertThat(codes(draft.flow())).containsExactly(Code.LOOP_TARGET);
    assertThat(codes(draft.edge("llmAgentflow_1", "llmAgentflow_0").flow())).isEmpty();
    var out =
        FlowDraft.start()
            .then("iterationAgentflow_0", "I", "{}")
            .node("loopAgentflow_0", "Loop", "{\"loopBackToNode\":\"startAgentflow_0-Start\"}")
            .in("iterationAgentflow_0")
            .flow();
    assertThat(codes(out)).containsExactly(Code.LOOP_TARGET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Translator", "Iterations", "Supervisor Worker", "Human In The Loop"})
  void templatesHaveNothingWorseThanWhatExportsStrip(String name) {
    var flow = FlowParser.parse(TestFlows.shared("flows/agentflowsv2/" + name + ".json")).flow();
    assertThat(FlowLint.lint(flow).stream().map(FlowProblem::code))
        .doesNotContain(
            Code.REFERENCE,
            Code.UNDECLARED_STATE,
            Code.UNAVAILABLE_MODULE,
            Code.MISSING_CREDENTIAL,
            Code.LOOP_TARGET);
  }

  private static List<Code> codes(Flow flow) {
    return FlowLint.lint(flow).stream().map(FlowProblem::code).toList();
  }
}
