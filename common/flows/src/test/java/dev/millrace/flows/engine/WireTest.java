package dev.millrace.flows.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.fakes.FakeModels;
import dev.millrace.flows.fakes.FakeScripts;
import dev.millrace.flows.fakes.TestFlows;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Events and records against what a real Flowise sent. */
class WireTest {
  /** Members whose values vary from run to run, or belong to the model's client. */
  private static final Set<String> VARY =
      Set.of("start", "end", "delta", "responseMetadata", "id", "executionId", "chatMessageId");

  /** Events that the server adds. */
  private static final Set<String> SERVERS = Set.of("metadata", "end", "error");

  @Test
  void streamOfADirectReply() {
    var run = TestRun.of(captured("agentflow-directreply.json"));
    run.ask("hello");
    assertThat(normalised(run.events()))
        .containsExactlyElementsOf(stream("prediction-directreply-streaming.http"));
  }

  @Test
  void streamOfAModelsAnswer() {
    var run =
        TestRun.of(captured("agentflow-llm.json")).with(new FakeModels(call -> "t0 t1 t2 t3 t4 "));
    run.ask("tokens=5 delay=50");
    assertThat(normalised(run.events()))
        .containsExactlyElementsOf(stream("prediction-llm-streaming.http"));
  }

  @Test
  void streamOfAFailure() {
    String words =
        "401 fake failure\n\nTroubleshooting URL:"
            + " https://docs.langchain.com/oss/javascript/langchain/errors/MODEL_AUTHENTICATION/\n";
    var models =
        new FakeModels(call -> {
          throw new ModelException(words, 401, null);
        });
    var run = TestRun.of(captured("agentflow-llm.json")).with(models);
    run.ask("fail=401");
    assertThat(normalised(run.events()))
        .containsExactlyElementsOf(stream("error-upstream-401-streaming.http"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"directreply", "customfn", "llm"})
  void recordsOfAnAnswer(String name) {
    var scripts =
        new FakeScripts((script, cancellation) ->
            Json.text(
                "cf:"
                    + Json.object()
                        .setAll(script.globals())
                        .path("$flow")
                        .path("input")
                        .asString()));
    String file = TestFlows.shared("wire/prediction-" + name + "-nonstreaming.http");
    JsonNode answer = Json.read(file.substring(file.indexOf("\n{") + 1));
    RunResult result =
        TestRun.of(captured("agentflow-" + name + ".json"))
            .with(new FakeModels(call -> "t0 t1 t2 t3 t4 "))
            .with(scripts)
            .ask(answer.path("question").asString());
    assertThat(result.text()).isEqualTo(answer.path("text").asString());
    assertThat(normalised(result.publicRecords()))
        .isEqualTo(normalised(answer.path("agentFlowExecutedData")));
    assertThat(members(result.publicRecords()))
        .isEqualTo(members(answer.path("agentFlowExecutedData")));
  }

  @Test
  void anEmptyRequest() {
    String file = TestFlows.shared("wire/prediction-empty-body.http");
    JsonNode answer = Json.read(file.substring(file.indexOf("\n{") + 1));
    RunResult result = TestRun.of(captured("agentflow-directreply.json")).send(Json.object());
    assertThat(normalised(result.publicRecords()))
        .isEqualTo(normalised(answer.path("agentFlowExecutedData")));
  }

  @Test
  void theTranslatorTemplate() {
    JsonNode turn =
        Json.read(TestFlows.shared("wire/golden/Translator.json")).path("turns").path(0);
    JsonNode expected = turn.path("response").path("agentFlowExecutedData");
    JsonNode template = Json.read(TestFlows.shared("flows/agentflowsv2/Translator.json"));
    JsonNode llm = expected.path(1).path("data").path("input");
    for (JsonNode node : template.path("nodes")) {
      if (node.path("data").path("inputs") instanceof ObjectNode inputs && inputs.has("llmModel")) {
        inputs.put("llmModel", "chatOpenAI");
        inputs.set("llmModelConfig", llm.path("llmModelConfig"));
      }
    }
    var models = FakeModels.counting();
    RunResult result =
        TestRun.of(FlowParser.parse(template).flow())
            .with(models)
            .ask(turn.path("request").path("question").asString());
    assertThat(result.text()).isEqualTo("answer 1");
    assertThat(normalised(result.publicRecords())).isEqualTo(normalised(expected));
    assertThat(members(result.publicRecords())).isEqualTo(members(expected));
    var call = models.calls().getFirst();
    assertThat(call.stream()).isTrue();
    assertThat(Conversation.said(call.messages()))
        .isEqualTo(turn.path("calls").path(0).path("messages"));
  }

  private static Flow captured(String file) {
    return FlowParser.parse(TestFlows.shared("wire/" + file)).flow();
  }

  /** Returns the events of a captured stream that come from the engine. */
  private static List<String> stream(String file) {
    var events = new ArrayList<JsonNode>();
    for (String line : TestFlows.shared("wire/" + file).split("\\R", -1)) {
      if (line.startsWith("data:")) {
        JsonNode event = Json.read(line.substring("data:".length()));
        if (!SERVERS.contains(event.path("event").asString())) {
          events.add(event);
        }
      }
    }
    return events.stream().map(WireTest::normalised).map(JsonNode::toString).toList();
  }

  private static List<String> normalised(List<String> events) {
    return events.stream().map(Json::read).map(e -> normalised(e).toString()).toList();
  }

  /** Members sorted, what varies blanked, numbers by value. */
  private static JsonNode normalised(JsonNode value) {
    if (value.isArray()) {
      var array = Json.array();
      value.forEach(item -> array.add(normalised(item)));
      return array;
    }
    if (value.isObject()) {
      var sorted = new TreeMap<String, JsonNode>();
      value
          .properties()
          .forEach(member ->
              sorted.put(
                  member.getKey(),
                  VARY.contains(member.getKey()) ? Json.text("*") : normalised(member.getValue())));
      return Json.object().setAll(sorted);
    }
    return value.isNumber() ? Json.object().put("n", value.doubleValue()).path("n") : value;
  }

  /** Returns the names of all members in order. */
  private static List<String> members(JsonNode value) {
    var names = new ArrayList<String>();
    for (JsonNode item : value.isContainer() ? value : Json.array()) {
      names.addAll(members(item));
    }
    if (value.isObject()) {
      names.clear();
      for (var member : value.properties()) {
        names.add(member.getKey());
        if (!member.getKey().equals("responseMetadata")) {
          names.addAll(members(member.getValue()));
        }
      }
    }
    return names;
  }
}
