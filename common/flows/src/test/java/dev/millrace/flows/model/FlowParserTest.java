package dev.millrace.flows.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.fakes.TestFlows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowParserTest {
  private static final String FLOW = TestFlows.text("detect-language");

  @Test
  void readsASingleFlow() {
    var flow = FlowParser.parse(FLOW);
    assertThat(flow.type()).isEqualTo(FlowType.AGENTFLOW);
    assertThat(flow.flow().nodes()).hasSize(5);
    assertThat(flow.flow().nodes().get(1))
        .returns("llmAgentflow_0", FlowNode::id)
        .returns("llmAgentflow", FlowNode::name)
        .returns("Detect Language", FlowNode::label);
    assertThat(flow.flow().edges().get(3))
        .isEqualTo(
            new FlowEdge(
                "conditionAgentflow_0", "conditionAgentflow_0-output-1", "directReplyAgentflow_1"))
        .returns(1, FlowEdge::branch);
    assertThat(flow.flow().edges().get(0).branch()).isEqualTo(-1);
  }

  @Test
  void readsAStoredRow() {
    var row = Json.object().put("id", "f1").put("name", "Mine").put("type", "MULTIAGENT");
    row.put("flowData", FLOW).put("apiConfig", "{}");
    var flow = FlowParser.parse(row);
    assertThat(flow.id()).isEqualTo("f1");
    assertThat(flow.name()).isEqualTo("Mine");
    assertThat(flow.type()).isEqualTo(FlowType.MULTIAGENT);
    assertThat(flow.flow().nodes()).hasSize(5);
    assertThat(flow.row().path("apiConfig").asString()).isEqualTo("{}");
  }

  @Test
  void readsFlowDataThatIsBareText() {
    assertThat(FlowParser.parse(Json.text(FLOW)).flow().nodes()).hasSize(5);
  }

  @Test
  void readsAWorkspaceExport() {
    var export = Json.object();
    var row = Json.object().put("id", "a").put("name", "A").put("flowData", FLOW);
    export.putArray("AgentFlowV2").add(row);
    export.putArray("ChatFlow").add(Json.shallowCopy(row).put("id", "b"));
    export.putArray("Tool").add(Json.object().put("name", "t"));
    assertThat(FlowParser.read(export))
        .isInstanceOfSatisfying(
            FlowFile.Flows.class,
            flows -> {
              assertThat(flows.flows())
                  .extracting(FlowFile.NamedFlow::id)
                  .containsExactly("a", "b");
              assertThat(flows.flows())
                  .extracting(FlowFile.NamedFlow::type)
                  .containsExactly(FlowType.AGENTFLOW, FlowType.CHATFLOW);
            });
    assertThatThrownBy(() -> FlowParser.parse(export)).hasMessageContaining("holds 2");
  }

  @Test
  void readsAToolTemplate() {
    assertThat(
            FlowParser.read(
                "{\"name\":\"now\",\"description\":\"d\",\"schema\":\"[]\",\"func\":\"return 1\"}"))
        .isEqualTo(new FlowFile.Tool("now", "d", Json.array(), "return 1"));
  }

  @Test
  void dropsNotesAndKeepsContainers() {
    var flow =
        FlowParser.parse(
                """
                {"nodes":[
                  {"id":"stickyNoteAgentflow_0","data":{"name":"stickyNoteAgentflow"}},
                  {"id":"iterationAgentflow_0","data":{"name":"iterationAgentflow"}},
                  {"id":"llmAgentflow_0","parentNode":"iterationAgentflow_0","extent":"parent",
                   "data":{"name":"llmAgentflow"}}],
                 "edges":[]}
                """)
            .flow();
    assertThat(flow.nodes()).extracting(FlowNode::id).doesNotContain("stickyNoteAgentflow_0");
    assertThat(flow.nodes().getLast().parentNode()).isEqualTo("iterationAgentflow_0");
    assertThat(FlowGraph.of(flow, null).size()).isEqualTo(1);
    assertThat(FlowGraph.of(flow, "iterationAgentflow_0").size()).isEqualTo(1);
  }

  @Test
  void bringsOldNodesUpToDate() {
    var flow =
        FlowParser.parse(
                """
                {"nodes":[
                  {"id":"toolAgentflow_0","data":{"name":"toolAgentflow",
                    "inputs":{"selectedTool":"calculator","selectedToolConfig":{"a":1}}}},
                  {"id":"conditionAgentflow_0","data":{"name":"conditionAgentflow",
                    "inputs":{"conditions":"[{\\"type\\":\\"string\\"}]"}}}]}
                """)
            .flow();
    assertThat(flow.nodes().getFirst().inputs())
        .hasToString(
            "{\"toolAgentflowSelectedTool\":\"calculator\","
                + "\"toolAgentflowSelectedToolConfig\":{\"a\":1}}");
    assertThat(flow.nodes().getLast().inputs().path("conditions").isArray()).isTrue();
  }

  @Test
  void tellsTheKindsOfFlowsApart() {
    assertThat(type("Multi Agents")).isEqualTo(FlowType.MULTIAGENT);
    assertThat(type("Sequential Agents")).isEqualTo(FlowType.MULTIAGENT);
    assertThat(type("Chains")).isEqualTo(FlowType.CHATFLOW);
    assertThat(type("Agent Flows")).isEqualTo(FlowType.AGENTFLOW);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "\"x\"",
        "{\"nodes\":5}",
        "{\"nodes\":[{}]}",
        "{\"nodes\":[7]}"
      })
  void refusesWhatIsNoFlow(String text) {
    assertThatThrownBy(() -> FlowParser.parse(text)).isInstanceOf(FlowFormatException.class);
  }

  private static FlowType type(String category) {
    return FlowParser.parse(
            "{\"nodes\":[{\"id\":\"a_0\",\"data\":{\"category\":\"" + category + "\"}}]}")
        .type();
  }
}
