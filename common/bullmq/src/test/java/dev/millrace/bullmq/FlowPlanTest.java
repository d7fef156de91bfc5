package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is decided about a flow before Redis sees it. */
class FlowPlanTest {
  private static FlowPlan plan(FlowJob flow) {
    return new FlowPlan(flow, QueueOptions.DEFAULT, Map.of(), Telemetry.Span.NONE, 1);
  }

  private static FlowJob job(String id, FlowJob... children) {
    return new FlowJob("n", "q", "{}", children)
        .withOptions(JobOptions.builder().jobId(id).build());
  }

  @Test
  void parentsComeFirstAndTheTreeKeepsItsShape() {
    var plan = plan(job("r", job("a", job("a1"), job("a2")), job("b")));
    var arguments = new ArrayList<String>();
    plan.addArguments(arguments);

    assertThat(arguments.getFirst()).isEqualTo("5");
    assertThat(List.of(2, 15, 28, 41, 54).stream().map(arguments::get))
        .containsExactly("r", "a", "a1", "a2", "b");
    var tree = plan.added(List.of("r", "a", "a1", "a2", "b"));
    assertThat(tree.children()).extracting(node -> node.job().id()).containsExactly("a", "b");
    assertThat(tree.children().getFirst().children())
        .extracting(node -> node.job().id())
        .containsExactly("a1", "a2");
  }

  @Test
  void aJobCannotWaitForItself() {
    assertThatThrownBy(() -> plan(job("r", job("a", job("r")))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("job bull:q:r is a descendant of itself in this flow");
  }

  @Test
  void contradictionsAreRefusedInNodesWords() {
    var deduplicated = JobOptions.builder().deduplication(Deduplication.untilFinished("d")).build();
    assertThatThrownBy(() -> plan(job("r", job("a")).withOptions(deduplicated)))
        .hasMessage("Deduplication options cannot be used on flow nodes with children");
    assertThatThrownBy(() -> plan(job("r", job("a").withOptions(deduplicated))))
        .hasMessage("Deduplication and parent options cannot be used together");
    assertThatThrownBy(() -> plan(new FlowJob("n", "a:b", "{}")))
        .hasMessage("Queue name cannot contain :");
    assertThatThrownBy(() -> plan(job("12"))).hasMessage("Custom Id cannot be integers");
  }
}
