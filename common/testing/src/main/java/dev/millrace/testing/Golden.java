package dev.millrace.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run of a template on a real Flowise: what the models were scripted to say, and turn by turn the
 * request, the whole answer, and every model call as the model's server saw it.
 *
 * <p>The captures lie in {@code shared/wire/golden} beside the repository, the templates in {@code
 * shared/flows}. Neither is part of it: without them there are no cases.
 */
public final class Golden {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What differs between any two runs, or belongs to how the capture was made. */
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

  private final String name;
  private final JsonNode golden;
  private final JsonNode template;

  private Golden(String name, JsonNode golden, JsonNode template) {
    this.name = name;
    this.golden = golden;
    this.template = template;
  }

  /**
   * One request of a conversation.
   *
   * @param request its body
   * @param response the answer that Flowise gave
   * @param calls the model calls that it made
   */
  public record Turn(ObjectNode request, JsonNode response, JsonNode calls) {}

  /** Returns the cases of a folder of templates, e.g. {@code agentflowsv2}; none without files. */
  public static List<Golden> of(String folder) {
    var cases = new ArrayList<Golden>();
    var shared = shared();
    if (shared.isEmpty()) {
      return cases;
    }
    try (var files = Files.newDirectoryStream(shared.get().resolve("wire/golden"), "*.json")) {
      for (var file : files) {
        var golden = JSON.readTree(Files.readString(file));
        var template = golden.path("case").path("file").asString("");
        if (template.startsWith(folder + "/")) {
          var name = file.getFileName().toString().replace(".json", "");
          var flow = shared.get().resolve("flows").resolve(template);
          cases.add(new Golden(name, golden, JSON.readTree(Files.readString(flow))));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the golden runs in " + shared.get() + " cannot be read", e);
    }
    cases.sort((a, b) -> a.name.compareTo(b.name));
    return cases;
  }

  /** Returns the folder of captures and templates: {@code shared}, here or in a folder above. */
  private static Optional<Path> shared() {
    for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      var shared = at.resolve("shared");
      if (Files.isDirectory(shared.resolve("wire/golden"))) {
        return Optional.of(shared);
      }
    }
    return Optional.empty();
  }

  public String name() {
    return name;
  }

  public List<Turn> turns() {
    var turns = new ArrayList<Turn>();
    for (var turn : golden.path("turns")) {
      var request = (ObjectNode) turn.path("request").deepCopy();
      turns.add(new Turn(request, turn.path("response"), turn.path("calls")));
    }
    return turns;
  }

  /** Starts the model's server of this case. */
  public FakeModelServer startModels() {
    var server = FakeModelServer.start().model("m").usage(10, 5);
    for (var entry : golden.path("case").path("script")) {
      server.reply(ModelReply.parse(entry));
    }
    var always = golden.path("case").get("always");
    return always == null ? server : server.always(ModelReply.parse(always));
  }

  /**
   * Returns the template as it was changed for the capture: every model is chatOpenAI at the given
   * address, agents have no tools, and Tool nodes tell the time.
   */
  public ObjectNode flow(String baseUrl) {
    var flow = (ObjectNode) template.deepCopy();
    for (var node : flow.path("nodes")) {
      if (node.path("data").get("inputs") instanceof ObjectNode inputs) {
        changeTools(node.path("data").path("name").asString(""), inputs);
        changeModels(inputs, baseUrl);
      }
    }
    return flow;
  }

  private static void changeTools(String node, ObjectNode inputs) {
    if (inputs.has("agentTools")) {
      inputs.put("agentTools", "");
    }
    if (node.equals("toolAgentflow")) {
      inputs.remove(List.of("selectedTool", "selectedToolConfig"));
      inputs.put("toolAgentflowSelectedTool", "currentDateTime").put("toolInputArgs", "");
      inputs.putObject("toolAgentflowSelectedToolConfig");
    }
  }

  private static void changeModels(ObjectNode inputs, String baseUrl) {
    for (var name : List.copyOf(inputs.propertyNames())) {
      if (name.endsWith("ModelConfig") && inputs.get(name) instanceof ObjectNode config) {
        var model = name.substring(0, name.length() - "Config".length());
        inputs.put(model, "chatOpenAI");
        config.put(model, "chatOpenAI").put("modelName", "gpt-4o-mini");
        config.put("basepath", baseUrl).put("openAIApiKey", "x");
      }
    }
  }

  /**
   * Returns an answer with what cannot be the same taken out: ids, times, estimates of tokens, what
   * the clock tool said, and the usage of structured calls, which Flowise loses.
   */
  public static JsonNode comparable(JsonNode answer) {
    var copy = answer.deepCopy();
    for (var record : copy.path("agentFlowExecutedData")) {
      var data = record.path("data");
      var tool = data.path("input").path("selectedTool").asString("");
      if (data.get("output") instanceof ObjectNode output && tool.equals("currentDateTime")) {
        output.put("content", "now");
      }
      if (data.get("output") instanceof ObjectNode output
          && data.path("input").path("llmStructuredOutput").isArray()) {
        output.remove("usageMetadata");
      }
    }
    strip(copy);
    return copy;
  }

  private static void strip(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(VARYING);
      if (object.has("elements") && object.has("mapping")) {
        object.remove("id"); // of a question to a human
      }
      if (object.get("responseMetadata") instanceof ObjectNode metadata) {
        metadata.remove("estimatedTokenUsage");
      }
      object.forEach(Golden::strip);
    } else if (node instanceof ArrayNode array) {
      array.forEach(Golden::strip);
    }
  }

  /** Returns calls in the captures' form. */
  public static JsonNode calls(List<ModelRequest> requests) {
    var calls = JSON.createArrayNode();
    for (var request : requests) {
      var call = calls.addObject().put("stream", request.stream());
      call.set("messages", request.messages());
      if (!request.body().path("tools").isEmpty()) {
        var tools = call.putArray("tools");
        request
            .body()
            .path("tools")
            .forEach(tool -> tools.add(tool.path("function").path("name").asString("")));
      }
      if (request.body().has("tool_choice")) {
        call.set("tool_choice", request.body().get("tool_choice"));
      }
    }
    return calls;
  }

  /**
   * Returns calls without what a client of the model is free to choose: Flowise's own prompts,
   * which the captures leave out, and the name of the function that answers with a structure.
   *
   * @param calls in the captures' form
   * @param golden the capture that they are compared with; it says whose prompts are left out
   */
  public static JsonNode comparableCalls(JsonNode calls, JsonNode golden) {
    var copy = calls.deepCopy();
    for (var call = 0; call < copy.size(); call++) {
      var object = (ObjectNode) copy.get(call);
      var wanted = golden.path(call);
      if (object.remove("tool_choice") != null) {
        object.put("tools", "one that is forced");
      }
      for (var i = 0; i < object.path("messages").size(); i++) {
        var expected = wanted.path("messages").path(i).path("content").asString("");
        if (object.path("messages").get(i) instanceof ObjectNode message) {
          message.remove("name");
          if (expected.startsWith("(the built-in prompt")) {
            message.put("content", "(built in)");
          }
        }
      }
    }
    return copy;
  }

  /** Returns a name for a new conversation of this case. */
  public String newChat() {
    return "golden-" + UUID.randomUUID();
  }

  @Override
  public String toString() {
    return name;
  }
}
