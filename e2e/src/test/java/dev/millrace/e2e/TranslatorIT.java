package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A real export gives the same answer however it is run, and the one a real Flowise gave. */
class TranslatorIT {
  private static final String QUESTION = "hello world";

  // What differs between any two runs.
  private static final Set<String> VARYING =
      Set.of(
          "chatId",
          "chatMessageId",
          "executionId",
          "sessionId",
          "timeMetadata",
          "basepath",
          "credential",
          "openAIApiKey");

  private final JsonMapper json = JsonMapper.shared();

  @Test
  void answersTheSameInBothModesStreamingAndNot() throws Exception {
    var export = Flows.shared("flows/agentflowsv2/Translator.json");
    var golden = Flows.read(Flows.shared("wire/golden/Translator.json")).path("turns").path(0);
    var answers = new LinkedHashMap<String, JsonNode>();
    try (var model = FakeModelServer.start().model("m").always(ModelReply.text("answer 1"))) {
      for (var mode : List.of("main", "queue")) {
        try (var deployment = new Deployment(mode)) {
          var api = deployment.startServer();
          if (mode.equals("queue")) {
            deployment.startWorker();
          }
          var flow = api.createFlow(Flows.withModelsAt(Flows.read(export), model.baseUrl()));
          answers.put(mode, answer(api, flow));
          answers.put(mode + " streaming", streamed(api, flow));
        }
      }
      var requests = model.requests();
      assertThat(requests).hasSize(4).allMatch(request -> request.stream());
      assertThat(requests.getFirst().messages())
          .isEqualTo(golden.path("calls").path(0).path("messages"));
    }
    var expected = withoutVarying(golden.path("response"));
    answers.forEach((how, answer) -> assertThat(answer).as(how).isEqualTo(expected));
  }

  private JsonNode answer(Api api, String flow) throws Exception {
    var answer = api.predict(flow, "{\"question\":\"" + QUESTION + "\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return withoutVarying(json.readTree(answer.body()));
  }

  /** Puts together from a stream what the JSON answer says. */
  private JsonNode streamed(Api api, String flow) throws Exception {
    var events = api.stream(flow, "{\"question\":\"" + QUESTION + "\",\"streaming\":true}");
    assertThat(events.getLast().path("event").asString()).isEqualTo("end");
    var text = new StringBuilder();
    JsonNode records = json.createArrayNode();
    JsonNode metadata = json.createObjectNode();
    for (var event : events) {
      switch (event.path("event").asString()) {
        case "token" -> text.append(event.path("data").asString());
        case "agentFlowExecutedData" -> records = event.path("data");
        case "metadata" -> metadata = event.path("data");
        default -> {
          // The order of all events is pinned elsewhere.
        }
      }
    }
    var answer = json.createObjectNode().put("text", text.toString());
    answer.set("question", metadata.path("question"));
    answer.set("agentFlowExecutedData", records);
    return withoutVarying(answer);
  }

  private static JsonNode withoutVarying(JsonNode node) {
    var copy = node.deepCopy();
    strip(copy);
    return copy;
  }

  private static void strip(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(VARYING);
      object.forEach(TranslatorIT::strip);
    } else if (node instanceof ArrayNode array) {
      array.forEach(TranslatorIT::strip);
    }
  }
}
