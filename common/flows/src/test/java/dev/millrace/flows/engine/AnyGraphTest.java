package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowEdge;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import tools.jackson.databind.node.ObjectNode;

/** Whatever is drawn, side by side happens what happens one at a time. */
class AnyGraphTest {
  /** Takes a different time at every call, so that branches overtake each other. */
  private static final FakeScripts UNEVEN =
      new FakeScripts((script, cancellation) -> {
        int turns = ThreadLocalRandom.current().nextInt(20_000);
        for (int turn = 0; turn < turns; turn++) {
          Thread.onSpinWait();
        }
        return Json.text(script.code());
      });

  @Property(tries = 300)
  void parallelRunsTellTheSameStory(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int size) {
    Flow flow = flow(new Random(seed), size);
    RunResult alone =
        TestRun.of(flow).with(EngineSettings.DEFAULT.withSequentialBranches()).ask("q");
    RunResult together = TestRun.of(flow).with(UNEVEN).ask("q");
    assertThat(together.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(shown(together)).isEqualTo(shown(alone));
    assertThat(TestRun.ids(together)).doesNotHaveDuplicates();
    assertThat(together.text()).isEqualTo(alone.text());
  }

  private static List<String> shown(RunResult result) {
    return result.records().stream()
        .map(record -> record.nodeId() + record.previousNodeIds() + record.data().path("output"))
        .collect(Collectors.toList());
  }

  /** Draws edges from earlier to later nodes; every third node chooses between two outputs. */
  private static Flow flow(Random random, int size) {
    var nodes = new ArrayList<FlowNode>();
    var edges = new ArrayList<FlowEdge>();
    nodes.add(node("startAgentflow_0", Json.object().put("startInputType", "chatInput")));
    for (int index = 1; index <= size; index++) {
      boolean chooses = random.nextInt(3) == 0;
      nodes.add(chooses ? condition(index, random.nextBoolean()) : function(index));
      int incoming = 1 + random.nextInt(3);
      for (int edge = 0; edge < incoming; edge++) {
        String source = nodes.get(random.nextInt(index)).id();
        String output = source.startsWith("condition") ? "" + random.nextInt(2) : "only";
        edges.add(new FlowEdge(source, source + "-output-" + output, nodes.getLast().id()));
      }
    }
    return new Flow(nodes, edges);
  }

  private static FlowNode function(int index) {
    return node(
        "customFunctionAgentflow_" + index,
        Json.object().put("customFunctionJavascriptFunction", "f" + index));
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
    return node("conditionAgentflow_" + index, inputs);
  }

  private static FlowNode node(String id, ObjectNode inputs) {
    ObjectNode data = Json.object().put("category", "Agent Flows");
    data.set("inputs", inputs);
    return new FlowNode(id, id.substring(0, id.indexOf('_')), id, data);
  }
}
