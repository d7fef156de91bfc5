package dev.millrace.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The flows of the tests: small ones made here, and real exports where they exist. */
final class Flows {
  private static final JsonMapper JSON = JsonMapper.shared();

  private Flows() {}

  /** Start → Direct Reply. */
  static ObjectNode reply(String text) {
    var flow = start();
    var reply = node(flow, "directReplyAgentflow_0", "directReplyAgentflow", "Reply");
    param(reply, "directReplyMessage", true);
    inputs(reply).put("directReplyMessage", text);
    edge(flow, "startAgentflow_0", "directReplyAgentflow_0");
    return flow;
  }

  /** Start → Custom Function. */
  static ObjectNode script(String code) {
    var flow = start();
    var function = node(flow, "customFunctionAgentflow_0", "customFunctionAgentflow", "Function");
    inputs(function).put("customFunctionJavascriptFunction", code);
    edge(flow, "startAgentflow_0", "customFunctionAgentflow_0");
    return flow;
  }

  /** Start → a node that starts a background job with the question in its payload. */
  static ObjectNode startingTask(String task) {
    var flow = start();
    var node = node(flow, "pgTask_0", "pgTask", "Task");
    param(node, "pgTaskFields", true);
    inputs(node).put("pgTaskName", task).put("pgTaskPayload", "{\"n\": 1}");
    inputs(node)
        .putArray("pgTaskFields")
        .addObject()
        .put("name", "question")
        .put("value", "{{ question }}");
    edge(flow, "startAgentflow_0", "pgTask_0");
    return flow;
  }

  /** Start → LLM, on an OpenAI-compatible server, without a credential. */
  static ObjectNode model(String baseUrl) {
    var flow = start();
    var llm = node(flow, "llmAgentflow_0", "llmAgentflow", "LLM 0");
    inputs(llm).put("llmModel", "chatOpenAI").put("llmEnableMemory", false);
    inputs(llm)
        .putObject("llmModelConfig")
        .put("llmModel", "chatOpenAI")
        .put("modelName", "gpt-4o-mini")
        .put("streaming", true)
        .put("basepath", baseUrl)
        .put("openAIApiKey", "x");
    edge(flow, "startAgentflow_0", "llmAgentflow_0");
    return flow;
  }

  /** Only a Start node, to which a test adds what it needs. */
  static ObjectNode start() {
    var flow = JSON.createObjectNode();
    flow.putArray("nodes");
    flow.putArray("edges");
    inputs(node(flow, "startAgentflow_0", "startAgentflow", "Start"))
        .put("startInputType", "chatInput");
    return flow;
  }

  static ObjectNode node(ObjectNode flow, String id, String name, String label) {
    var node = ((ArrayNode) flow.get("nodes")).addObject();
    node.put("id", id).put("type", "agentFlow").putObject("position").put("x", 0).put("y", 0);
    var data = node.putObject("data");
    data.put("id", id).put("name", name).put("label", label).put("category", "Agent Flows");
    data.putArray("inputParams");
    data.putObject("inputs");
    return node;
  }

  static ObjectNode inputs(ObjectNode node) {
    return (ObjectNode) node.path("data").get("inputs");
  }

  static void param(ObjectNode node, String name, boolean acceptVariable) {
    var params = (ArrayNode) node.path("data").get("inputParams");
    params
        .addObject()
        .put("name", name)
        .put("type", "string")
        .put("acceptVariable", acceptVariable);
  }

  static void edge(ObjectNode flow, String source, String target) {
    var name = source.replaceFirst("_\\d+$", "");
    var edge = ((ArrayNode) flow.get("edges")).addObject();
    edge.put("id", source + "-" + target).put("type", "agentFlow").put("source", source);
    edge.put("sourceHandle", source + "-output-" + name);
    edge.put("target", target).put("targetHandle", target);
  }

  /** Draws an edge from one of several outputs. */
  static void branch(ObjectNode flow, String source, int output, String target) {
    var edge = ((ArrayNode) flow.get("edges")).addObject();
    edge.put("id", source + "-" + output + "-" + target).put("type", "agentFlow");
    edge.put("source", source).put("sourceHandle", source + "-output-" + output);
    edge.put("target", target).put("targetHandle", target);
  }

  /**
   * Returns a file of the folder with captures and exports beside the repository; the test is
   * skipped where there is none.
   */
  static Path shared(String path) {
    for (var dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      var file = dir.resolve("shared").resolve(path);
      if (Files.exists(file)) {
        return file;
      }
    }
    Assumptions.abort("needs shared/" + path + ", which is not part of the repository");
    throw new AssertionError("unreachable");
  }

  static JsonNode read(Path file) throws IOException {
    return JSON.readTree(Files.readString(file));
  }

  /** Points every model of an exported flow at an OpenAI-compatible server. */
  static JsonNode withModelsAt(JsonNode flow, String baseUrl) {
    for (var node : flow.path("nodes")) {
      if (node.path("data").get("inputs") instanceof ObjectNode inputs) {
        for (var name : java.util.List.copyOf(inputs.propertyNames())) {
          if (name.endsWith("ModelConfig") && inputs.get(name) instanceof ObjectNode config) {
            var model = name.substring(0, name.length() - "Config".length());
            inputs.put(model, "chatOpenAI");
            config.put(model, "chatOpenAI").put("modelName", "gpt-4o-mini");
            config.put("basepath", baseUrl).put("openAIApiKey", "x");
          }
        }
      }
    }
    return flow;
  }
}
