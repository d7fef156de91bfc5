package dev.millrace.flows.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionAgentNodeTest {
  private static final List<String> SCENARIOS = List.of("wants a refund", "wants a chair", "chats");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"output\":\"wants a chair\"}|1",
        "{\"output\":\"WANTS A CHAIR \"}|1",
        "```json {\"output\": \"wants a ref\"} ```|0",
        "Sure: {'output': 'the user wants a chair now'} ok|1",
        "{\"output\":\"something else\"}|2",
        "wants a refund|0"
      })
  void findsWhatWasMeant(String answer, int scenario) {
    assertThat(Scenarios.chosen(answer, SCENARIOS, "n", true)).isEqualTo(scenario);
  }

  @Test
  void refusesAnAnswerThatIsNone() {
    for (String answer : List.of("", "I cannot tell", "{\"other\":1}", "{".repeat(5000))) {
      assertThatThrownBy(() -> Scenarios.chosen(answer, SCENARIOS, "\"C\"", true))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("\"C\"")
          .hasMessageContaining("conditionAgentInstructions");
    }
  }

  @Test
  void takesOneOutputAndRemembersTheQuestion() {
    var models = new FakeModels(call -> "{\"output\":\"b\"}");
    TestRun run = draft("").with(models);
    RunResult result = run.ask("hello");
    assertThat(TestRun.ids(result))
        .containsExactly("startAgentflow_0", "conditionAgentAgentflow_0", "directReplyAgentflow_1");
    assertThat(TestRun.data(result, "conditionAgentAgentflow_0").at("/chatHistory").toString())
        .isEqualTo("[{\"role\":\"user\",\"content\":\"hello\"}]");
  }

  @Test
  void showsTheModelThePast() {
    var models = new FakeModels(call -> "{\"output\":\"a\"}");
    var past = new FakeStore(List.of(new ChatTurn("user", "before")), Map.of(), null);
    draft(",\"conditionAgentEnableMemory\":true").with(models).with(past).ask("hello");
    assertThat(FakeModels.messages(models.calls().getFirst()))
        .hasSize(5)
        .element(3)
        .isEqualTo("user: before");
  }

  private static TestRun draft(String more) {
    return FlowDraft.start()
        .then(
            "conditionAgentAgentflow_0",
            "C",
            "{\"conditionAgentModel\":\"chatOpenAI\",\"conditionAgentInstructions\":\"look\","
                + "\"conditionAgentScenarios\":[{\"scenario\":\"a\"},{\"scenario\":\"b\"}]"
                + more
                + "}")
        .node("directReplyAgentflow_0", "R0", "{\"directReplyMessage\":\"zero\"}")
        .node("directReplyAgentflow_1", "R1", "{\"directReplyMessage\":\"one\"}")
        .branch("conditionAgentAgentflow_0", "0", "directReplyAgentflow_0")
        .branch("conditionAgentAgentflow_0", "1", "directReplyAgentflow_1")
        .run();
  }
}
