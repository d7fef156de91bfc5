package dev.millrace.flows.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.TestFlows;
import dev.millrace.flows.model.FlowProblem.Code;
import dev.millrace.flows.model.FlowProblem.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowCheckTest {
  private static final FlowCheck CHECK =
      new FlowCheck(
          new Supported(
              Set.of(
                  "startAgentflow",
                  "llmAgentflow",
                  "agentAgentflow",
                  "toolAgentflow",
                  "conditionAgentflow",
                  "customFunctionAgentflow",
                  "directReplyAgentflow"),
              Set.of("chatOpenAI"),
              Set.of("calculator"),
              Set.of("openAIEmbeddings"),
              Set.of("postgres")));

  @ParameterizedTest
  @ValueSource(strings = {"detect-language", "join-below-condition", "parallel-llms"})
  void hasNothingToSayAboutGoodFlows(String name) {
    assertThat(CHECK.check(TestFlows.resource(name))).isEmpty();
  }

  @Test
  void namesUnknownNodesAsAWarning() {
    var problem = only(TestFlows.resource("unknown-node"), Code.UNKNOWN_NODE);
    assertThat(problem.severity()).isEqualTo(Severity.WARNING);
    assertThat(problem.nodeId()).isEqualTo("teleportAgentflow_0");
    assertThat(problem.nodeLabel()).isEqualTo("Beam me up");
    assertThat(problem.message()).contains("teleportAgentflow", "llmAgentflow");
  }

  @Test
  void namesEveryNodeOfACycle() {
    var problem = only(TestFlows.resource("cycle"), Code.CYCLE);
    assertThat(problem.severity()).isEqualTo(Severity.ERROR);
    assertThat(problem.message()).containsSubsequence("\"Alpha\"", "\"Beta\"", "\"Gamma\"");
  }

  @Test
  void findsTwoStarts() {
    assertThat(only(TestFlows.resource("two-starts"), Code.SEVERAL_STARTS).message())
        .contains("\"Start\" (startAgentflow_0)", "\"Start again\" (startAgentflow_1)");
  }

  @Test
  void findsWhatIsWrongWithEdgesAndNodes() {
    var flow =
        FlowParser.parse(
                """
                {"nodes":[
                  {"id":"startAgentflow_0","data":{"name":"startAgentflow","label":"Start",
                    "category":"Agent Flows"}},
                  {"id":"directReplyAgentflow_0","data":{"name":"directReplyAgentflow",
                    "label":"Start"}},
                  {"id":"directReplyAgentflow_0","data":{"name":"directReplyAgentflow"}},
                  {"id":"llmAgentflow_9","parentNode":"gone_0","data":{"name":"llmAgentflow"}},
                  {"id":"conditionAgentflow_0","data":{"name":"conditionAgentflow",
                    "outputAnchors":[{"id":"conditionAgentflow_0-output-0"},
                      {"id":"conditionAgentflow_0-output-1"}]}}],
                 "edges":[
                  {"source":"startAgentflow_0","target":"directReplyAgentflow_0"},
                  {"source":"startAgentflow_0","target":"directReplyAgentflow_0"},
                  {"source":"startAgentflow_0","target":"conditionAgentflow_0"},
                  {"source":"startAgentflow_0","target":"nowhere_1"},
                  {"source":"nowhere_2","target":"directReplyAgentflow_0"}]}
                """)
            .flow();
    assertThat(CHECK.check(flow))
        .extracting(FlowProblem::code)
        .containsExactlyInAnyOrder(
            Code.NO_INPUT_TYPE,
            Code.SEVERAL_ROOTS,
            Code.DUPLICATE_NODE,
            Code.DUPLICATE_LABEL,
            Code.UNKNOWN_CONTAINER,
            Code.DUPLICATE_EDGE,
            Code.EDGE_TO_NOWHERE,
            Code.EDGE_FROM_NOWHERE,
            Code.BRANCH_WITHOUT_EDGE);
  }

  @Test
  void findsEdgesThatCrossAContainerAndLoopsToNowhere() {
    var flow =
        FlowParser.parse(
                """
                {"nodes":[
                  {"id":"startAgentflow_0","data":{"name":"startAgentflow","label":"S",
                    "inputs":{"startInputType":"chatInput"}}},
                  {"id":"iterationAgentflow_0","data":{"name":"iterationAgentflow","label":"I"}},
                  {"id":"llmAgentflow_0","parentNode":"iterationAgentflow_0",
                    "data":{"name":"llmAgentflow","label":"L"}},
                  {"id":"loopAgentflow_0","data":{"name":"loopAgentflow","label":"Back",
                    "inputs":{"loopBackToNode":"llmAgentflow_7-Gone"}}}],
                 "edges":[
                  {"source":"startAgentflow_0","target":"iterationAgentflow_0"},
                  {"source":"llmAgentflow_0","target":"loopAgentflow_0"}]}
                """)
            .flow();
    assertThat(CHECK.check(flow))
        .extracting(FlowProblem::code)
        .contains(Code.EDGE_OUT_OF_CONTAINER, Code.LOOP_TARGET)
        .doesNotContain(Code.SEVERAL_ROOTS);
    assertThat(FlowGraph.of(flow, null).linkCount()).isEqualTo(2);
  }

  @Test
  void namesModelsToolsAndStoresThatAreNotHere() {
    var flow =
        FlowParser.parse(
                """
                {"nodes":[
                  {"id":"startAgentflow_0","data":{"name":"startAgentflow","label":"S",
                    "inputs":{"startInputType":"chatInput"}}},
                  {"id":"agentAgentflow_0","data":{"name":"agentAgentflow","label":"Researcher",
                    "inputs":{"agentModel":"awsChatBedrock","agentTools":[
                      {"agentSelectedTool":"calculator"},{"agentSelectedTool":"gmail"}],
                      "agentKnowledgeVSEmbeddings":[
                        {"vectorStore":"pinecone","embeddingModel":"openAIEmbeddings"}]}}},
                  {"id":"toolAgentflow_0","data":{"name":"toolAgentflow","label":"Post",
                    "inputs":{"toolAgentflowSelectedTool":"microsoftTeams"}}}],
                 "edges":[
                  {"source":"startAgentflow_0","target":"agentAgentflow_0"},
                  {"source":"agentAgentflow_0","target":"toolAgentflow_0"}]}
                """)
            .flow();
    assertThat(CHECK.check(flow))
        .allMatch(problem -> problem.severity() == Severity.WARNING)
        .extracting(FlowProblem::code)
        .containsExactly(
            Code.UNKNOWN_MODEL, Code.UNKNOWN_TOOL, Code.UNKNOWN_STORE, Code.UNKNOWN_TOOL);
    assertThat(CHECK.check(flow))
        .extracting(FlowProblem::message)
        .satisfiesExactly(
            message ->
                assertThat(message).contains("\"Researcher\"", "awsChatBedrock", "agentModel"),
            message -> assertThat(message).contains("\"gmail\"", "agentTools", "calculator"),
            message -> assertThat(message).contains("pinecone", "agentKnowledgeVSEmbeddings"),
            message ->
                assertThat(message)
                    .contains("\"Post\"", "microsoftTeams", "toolAgentflowSelectedTool"));
  }

  @Test
  void saysThatClassicFlowsCannotRun() {
    var flow = FlowParser.parse("{\"nodes\":[{\"id\":\"llmChain_0\",\"data\":{}}]}").flow();
    assertThat(CHECK.check(flow))
        .singleElement()
        .returns(Code.NOT_AN_AGENTFLOW, FlowProblem::code)
        .returns(Severity.ERROR, FlowProblem::severity);
  }

  @Test
  void copesWithLongCyclesWithoutRecursion() {
    var nodes = new ArrayList<FlowNode>();
    var edges = new ArrayList<FlowEdge>();
    int size = 50_000;
    for (int index = 0; index < size; index++) {
      nodes.add(new FlowNode("a_" + index, "startAgentflow", "a" + index, Json.object()));
      edges.add(new FlowEdge("a_" + index, "", "a_" + (index + 1) % size));
    }
    assertThat(FlowGraph.of(new Flow(nodes, edges), null).cycle()).hasSize(size);
  }

  private static FlowProblem only(Flow flow, Code code) {
    List<FlowProblem> found =
        CHECK.check(flow).stream().filter(problem -> problem.code() == code).toList();
    assertThat(found).as("problems of kind %s", code).hasSize(1);
    return found.getFirst();
  }
}
