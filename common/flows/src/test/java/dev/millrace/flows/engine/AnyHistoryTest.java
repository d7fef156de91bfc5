package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.flows.fakes.FakeJournal;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowEdge;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whatever is drawn, with loops, iterations and questions to humans in it, and whenever it is
 * interrupted: the story is the one that is told when nodes run one at a time without a break.
 */
class AnyHistoryTest {
  private static final UUID RUN = new UUID(0, 1);
  private static final ObjectNode BODY = Json.object().put("question", "q");
  private static final String PROCEED = "{\"type\":\"proceed\"}";

  /** Takes a different time at every call, so that branches overtake each other. */
  private static final FakeScripts UNEVEN =
      new FakeScripts((script, cancellation) -> {
        int turns = ThreadLocalRandom.current().nextInt(5_000);
        for (int turn = 0; turn < turns; turn++) {
          Thread.onSpinWait();
        }
        return Json.text(script.code());
      });

  @Property(tries = 150)
  void interruptionsAndSpeedDoNotChangeTheStory(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 10) int size) {
    Flow flow = flow(new Random(seed), size);
    List<String> story = story(flow, EngineSettings.DEFAULT.withSequentialBranches(), null);
    assertThat(story(flow, EngineSettings.DEFAULT, null)).isEqualTo(story);
    assertThat(story(flow, EngineSettings.DEFAULT, new Random(seed))).isEqualTo(story);
  }

  /** The same with two loops, and with functions that look at other nodes and count the passes. */
  @Property(tries = 150)
  void norDoTheyWithLoopsThatMeet(@ForAll long seed, @ForAll @IntRange(min = 2, max = 9) int size) {
    Flow flow = tangled(new Random(seed), size);
    List<String> story = story(flow, EngineSettings.DEFAULT.withSequentialBranches(), null);
    assertThat(story(flow, EngineSettings.DEFAULT, null)).isEqualTo(story);
    assertThat(story(flow, EngineSettings.DEFAULT, new Random(seed))).isEqualTo(story);
  }

  /** A drawn flow: node 5 joins a branch of the loop, 2, and one that it does not repeat, 4. */
  @Test
  void aLoopWaitsForASlowBranchThatJoinsWhatItRepeats() {
    Flow flow = flow(new Random(1805844408510252116L), 5);
    var journal = new FakeJournal();
    var slow =
        new FakeScripts((script, cancellation) -> {
          if (script.code().equals("customFunctionAgentflow_41")) {
            await().until(() -> journal.told().contains("loopAgentflow_0 FINISHED"));
          }
          return Json.text(script.code());
        });
    RunResult result = run(flow, EngineSettings.DEFAULT, journal).with(slow).send(BODY);
    assertThat(told(result))
        .isEqualTo(story(flow, EngineSettings.DEFAULT.withSequentialBranches(), null));
    assertThat(TestRun.ids(result)).filteredOn("customFunctionAgentflow_5"::equals).hasSize(2);
  }

  /** A drawn flow: its loop goes back to node 4, to which a question and node 2 lead. */
  @Test
  void aLoopToANodeThatIsStillToComeWaitsForWhatLeadsThere() {
    Flow flow = flow(new Random(-35), 6);
    assertThat(story(flow, EngineSettings.DEFAULT, null))
        .isEqualTo(story(flow, EngineSettings.DEFAULT.withSequentialBranches(), null))
        .anyMatch(line -> line.startsWith("iterationAgentflow_4[customFunctionAgentflow_2]"));
  }

  /**
   * A drawn flow: one loop goes back to a question, the other to an iteration that has no edge from
   * there but refers to it. Both go together, and the iteration waits until a human has answered.
   */
  @Test
  void aTargetOfALoopWaitsForWhatItRefersToInAnotherOne() {
    Flow flow = tangled(new Random(1088938675220071678L), 2);
    List<String> story = story(flow, EngineSettings.DEFAULT.withSequentialBranches(), null);
    assertThat(story(flow, EngineSettings.DEFAULT, null)).isEqualTo(story);
    assertThat(story(flow, EngineSettings.DEFAULT, new Random(0))).isEqualTo(story);
    assertThat(story)
        .filteredOn(line -> line.startsWith("customFunctionAgentflow_21"))
        .extracting(line -> line.replaceAll(".*\"variableValue\":\"(.*?)\".*", "$1"))
        .containsExactly(
            "0 proceed",
            "0 proceed",
            "0 proceed",
            "1 proceed",
            "1 proceed",
            "1 proceed",
            "2 proceed",
            "2 proceed",
            "2 proceed");
  }

  /** Runs a flow, answers all its questions, and returns what it tells in the end. */
  private static List<String> story(
      Flow flow, EngineSettings settings, @Nullable Random interruptions) {
    var journal = new FakeJournal();
    RunResult result = run(flow, settings, journal).send(BODY);
    for (int answers = 0; result.status() == RunStatus.STOPPED && answers < 200; answers++) {
      Past past = journal.answered(RUN, null, PROCEED, List.of());
      result = run(flow, settings, journal).resume(BODY, past);
    }
    assertThat(result.status()).as(String.valueOf(result.error())).isEqualTo(RunStatus.FINISHED);
    if (interruptions != null) {
      int entries = journal.entries(RUN).size();
      Past past = journal.crashedAfter(RUN, interruptions.nextInt(entries + 1));
      var after = new FakeJournal();
      past.entries().forEach(entry -> after.nodeFinished(RUN, entry));
      result = run(flow, settings, after).resume(BODY, past);
      for (int answers = 0; result.status() == RunStatus.STOPPED && answers < 200; answers++) {
        Past answered = after.answered(RUN, null, PROCEED, List.of());
        result = run(flow, settings, after).resume(BODY, answered);
      }
      assertThat(result.status()).isEqualTo(RunStatus.FINISHED);
    }
    return told(result);
  }

  private static List<String> told(RunResult result) {
    return result.records().stream()
        .map(record ->
            record.nodeId()
                + record.previousNodeIds()
                + record.data().path("input").path("inputVariables")
                + record.data().path("output"))
        .toList();
  }

  private static TestRun run(Flow flow, EngineSettings settings, FakeJournal journal) {
    return TestRun.of(flow).with(UNEVEN).with(settings).with(journal);
  }

  /**
   * Draws edges from earlier to later nodes: functions, conditions, iterations with two functions
   * inside, questions to humans; and a loop behind one of them, to any node before it.
   */
  private static Flow flow(Random random, int size) {
    var nodes = new ArrayList<FlowNode>();
    var inner = new ArrayList<FlowNode>();
    var edges = new ArrayList<FlowEdge>();
    nodes.add(node("startAgentflow_0", Json.object().put("startInputType", "chatInput"), null));
    for (int index = 1; index <= size; index++) {
      FlowNode node =
          switch (random.nextInt(6)) {
            case 0 -> condition(index, random.nextBoolean());
            case 1 -> human(index);
            case 2 -> iteration(index, random, inner, edges);
            default -> function("customFunctionAgentflow_" + index, null);
          };
      nodes.add(node);
      int incoming = 1 + random.nextInt(2);
      for (int edge = 0; edge < incoming; edge++) {
        String source = nodes.get(random.nextInt(index)).id();
        boolean chooses = source.startsWith("condition") || source.startsWith("human");
        String output = chooses ? "" + random.nextInt(2) : "only";
        edges.add(new FlowEdge(source, source + "-output-" + output, node.id()));
      }
    }
    if (random.nextBoolean()) {
      int from = 1 + random.nextInt(size);
      String source = nodes.get(from).id();
      String target = nodes.get(1 + random.nextInt(from)).id();
      ObjectNode inputs =
          Json.object().put("loopBackToNode", target + "-Target").put("maxLoopCount", 2);
      nodes.add(node("loopAgentflow_0", inputs, null));
      edges.add(new FlowEdge(source, source + "-output-0", "loopAgentflow_0"));
    }
    nodes.addAll(inner);
    return new Flow(nodes, edges);
  }

  /** Adds to a drawn flow another loop, and functions' references to any nodes. */
  private static Flow tangled(Random random, int size) {
    Flow flow = flow(random, size);
    var nodes = new ArrayList<FlowNode>();
    var edges = new ArrayList<>(flow.edges());
    for (FlowNode node : flow.nodes()) {
      if (node.name().startsWith("customFunction") && random.nextInt(3) == 0) {
        String other = flow.nodes().get(random.nextInt(flow.nodes().size())).id();
        ObjectNode inputs = node.inputs().deepCopy();
        inputs
            .putArray("customFunctionInputVariables")
            .addObject()
            .put("variableName", "seen")
            .put("variableValue", "{{ loop_count }} {{ " + other + " }}");
        nodes.add(node(node.id(), inputs, node.parentNode()));
      } else {
        nodes.add(node);
      }
    }
    int from = 1 + random.nextInt(size);
    String source = nodes.get(from).id();
    boolean chooses = source.startsWith("condition") || source.startsWith("human");
    String output = chooses ? "" + random.nextInt(2) : "only";
    String target = nodes.get(1 + random.nextInt(from)).id();
    ObjectNode inputs =
        Json.object().put("loopBackToNode", target + "-Target").put("maxLoopCount", 3);
    nodes.add(node("loopAgentflow_1", inputs, null));
    edges.add(new FlowEdge(source, source + "-output-" + output, "loopAgentflow_1"));
    return new Flow(nodes, edges);
  }

  private static FlowNode function(String id, @Nullable String container) {
    return node(id, Json.object().put("customFunctionJavascriptFunction", id), container);
  }

  private static FlowNode human(int index) {
    ObjectNode inputs =
        Json.object()
            .put("humanInputDescriptionType", "fixed")
            .put("humanInputDescription", "sure?");
    return node("humanInputAgentflow_" + index, inputs, null);
  }

  private static FlowNode iteration(
      int index, Random random, List<FlowNode> inner, List<FlowEdge> edges) {
    String id = "iterationAgentflow_" + index;
    String first = "customFunctionAgentflow_" + index + "1";
    String second = "customFunctionAgentflow_" + index + "2";
    inner.add(function(first, id));
    inner.add(function(second, id));
    edges.add(new FlowEdge(first, first + "-output-only", second));
    ObjectNode inputs = Json.object().put("concurrency", 1 + random.nextInt(3));
    inputs.putArray("iterationInput").add("a").add("b").add("c");
    return node(id, inputs, null);
  }

  private static FlowNode condition(int index, boolean first) {
    ObjectNode inputs = Json.object();
    inputs
        .putArray("conditions")
        .add(
            Json.object()
                .put("type", "string")
                .put("value1", first ? "a" : "b")
                .put("operation", "equal")
                .put("value2", "a"));
    return node("conditionAgentflow_" + index, inputs, null);
  }

  private static FlowNode node(String id, ObjectNode inputs, @Nullable String container) {
    ObjectNode data = Json.object().put("category", "Agent Flows");
    data.set("inputs", inputs);
    return new FlowNode(id, id.substring(0, id.indexOf('_')), id, data, container);
  }
}
