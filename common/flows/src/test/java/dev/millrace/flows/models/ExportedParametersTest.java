package dev.millrace.flows.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Every parameter of the models in exported flows changes the request, or is known not to. */
final class ExportedParametersTest {
  /** What to set a parameter to, and what besides, so that the request shows it. */
  private static final Map<String, String> SAMPLES =
      Map.ofEntries(
          Map.entry("baseOptions", "{'X-Team':'blue'}"),
          Map.entry("budgetTokens", "'2000','extendedThinking':true"),
          Map.entry("extendedThinking", "true"),
          Map.entry("frequencyPenalty", "'0.4'"),
          Map.entry("harmBlockThreshold", "'BLOCK_NONE','harmCategory':'HARM_CATEGORY_HARASSMENT'"),
          Map.entry("harmCategory", "'HARM_CATEGORY_HARASSMENT','harmBlockThreshold':'BLOCK_NONE'"),
          Map.entry("imageResolution", "'high'"),
          Map.entry("jsonMode", "true"),
          Map.entry("keepAlive", "'7m'"),
          Map.entry("maxOutputTokens", "'9'"),
          Map.entry("maxTokens", "'9'"),
          Map.entry("maxTokensToSample", "'9'"),
          Map.entry("mirostat", "'1'"),
          Map.entry("mirostatEta", "'0.3'"),
          Map.entry("mirostatTau", "'4'"),
          Map.entry("modelName", "'another'"),
          Map.entry("customModelName", "'another'"),
          Map.entry("numCtx", "'512'"),
          Map.entry("numGpu", "'1'"),
          Map.entry("numThread", "'2'"),
          Map.entry("presencePenalty", "'0.4'"),
          Map.entry("reasoningEffort", "'low','modelName':'o4-mini'"),
          Map.entry("repeatLastN", "'8'"),
          Map.entry("repeatPenalty", "'1.2'"),
          Map.entry("stop", "'END'"),
          Map.entry("stopSequence", "'END'"),
          Map.entry("strictToolCalling", "true"),
          Map.entry("temperature", "'0.3'"),
          Map.entry("topK", "'5'"),
          Map.entry("topP", "'0.2'"));

  /** What a request cannot show, and why. */
  private static final Map<String, String> ELSEWHERE =
      Map.ofEntries(
          Map.entry("agentModel", "repeats the choice of the node"),
          Map.entry("llmModel", "repeats the choice of the node"),
          Map.entry("humanInputModel", "repeats the choice of the node"),
          Map.entry("conditionAgentModel", "repeats the choice of the node"),
          Map.entry("allowImageUploads", "read by the nodes"),
          Map.entry("streaming", "read by the nodes"),
          Map.entry("credential", "read by the nodes"),
          Map.entry("basepath", "the address itself"),
          Map.entry("baseUrl", "the address itself"),
          Map.entry("timeout", "a limit of ours"),
          Map.entry("proxyUrl", "refused: it would bypass the guard of addresses"),
          Map.entry("cache", "a node of classic flows, never set here"),
          Map.entry("contextCache", "a node of classic flows, never set here"),
          Map.entry("tfsZ", "gone from Ollama's API"));

  private static final String OPENAI =
      "{\"id\":\"1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":"
          + "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"x\"},"
          + "\"finish_reason\":\"stop\"}]}";

  private static final String PICTURE = "data:image/png;base64,AAAA";

  private final MockWebServer server = new MockWebServer();
  private final ModelCalls calls = new ModelCalls();

  @BeforeEach
  void start() throws Exception {
    server.start(InetAddress.getByName("127.0.0.1"), 0);
  }

  @AfterEach
  void stop() {
    calls.close();
    server.close();
  }

  @TestFactory
  Stream<DynamicTest> everyParameterIsUsedOrKnowinglyIgnored() throws IOException {
    var exported = exported();
    assumeTrue(!exported.isEmpty(), "the exported flows are not here");
    return exported.entrySet().stream()
        .flatMap(model ->
            model.getValue().stream()
                .map(parameter ->
                    DynamicTest.dynamicTest(
                        model.getKey() + "." + parameter, () -> check(model.getKey(), parameter))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"reasoningEffort", "imageResolution", "baseOptions", "strictToolCalling"})
  void ofOpenAiInAnyCase(String parameter) throws Exception {
    check("chatOpenAI", parameter);
  }

  private void check(String model, String parameter) throws Exception {
    if (ELSEWHERE.containsKey(parameter)) {
      return;
    }
    var sample = SAMPLES.get(parameter);
    if (sample == null) {
      throw new AssertionError(parameter + " of " + model + " is neither used nor known");
    }
    assertThat(request(model, "'" + parameter + "':" + sample))
        .as("%s of %s", parameter, model)
        .isNotEqualTo(request(model, neighbours(sample)));
  }

  /** Returns what is set besides, which by itself is no proof. */
  private static String neighbours(String sample) {
    var comma = sample.startsWith("{") ? -1 : sample.indexOf(",'");
    var besides = comma < 0 ? "" : sample.substring(comma + 1);
    return besides.startsWith("'harm") ? "" : besides;
  }

  private String request(String model, String settings) throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/json")
            .body(OPENAI)
            .build());
    var base = "http://127.0.0.1:" + server.getPort();
    var inputs = ModelCalls.object("{'modelName':'m'}");
    inputs.setAll(ModelCalls.object("{" + settings + "}"));
    inputs.put("basepath", base).put("baseUrl", base);
    var question =
        new ChatTurn("user", "hi", List.of(new ChatTurn.Image("a.png", "image/png", PICTURE)));
    var tool =
        new ToolSpec("look", "looks", ModelCalls.object("{'type':'object','properties':{}}"));
    try {
      var _ =
          calls
              .models()
              .call(
                  new ChatModels.Call(
                      model,
                      inputs,
                      ModelCalls.object("{}"),
                      List.of(question),
                      false,
                      null,
                      List.of(tool),
                      List.of(),
                      List.of()),
                  ChatModels.ChatListener.NONE,
                  Cancellation.none());
    } catch (ModelException e) {
      // The answer has OpenAI's form; of the others only the request matters here.
      assertThat(server.getRequestCount()).as(e.getMessage()).isPositive();
    }
    var request = server.takeRequest();
    var team = request.getHeaders().get("X-Team");
    var body = request.getBody();
    return request.getUrl().encodedPath()
        + (body == null ? "" : body.utf8())
        + (team == null ? "" : team);
  }

  /** Returns the parameters of each model in the exported flows. */
  private static SortedMap<String, Set<String>> exported() throws IOException {
    var found = new TreeMap<String, Set<String>>();
    var folder = folder();
    if (folder == null) {
      return found;
    }
    try (var files = Files.newDirectoryStream(folder, "*.json")) {
      for (var file : files) {
        collect(JsonMapper.shared().readTree(Files.readString(file)), found);
      }
    }
    return found;
  }

  private static void collect(JsonNode node, SortedMap<String, Set<String>> found) {
    for (var member : node.properties()) {
      var key = member.getKey();
      if (key.endsWith("ModelConfig") && member.getValue() instanceof ObjectNode config) {
        var model = node.path(key.substring(0, key.length() - "Config".length())).asString("");
        if (ChatModels.KNOWN.contains(model)) {
          found.computeIfAbsent(model, _ -> new TreeSet<>()).addAll(config.propertyNames());
        }
      }
    }
    node.forEach(child -> collect(child, found));
  }

  private static @Nullable Path folder() {
    for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      var folder = at.resolve("shared/flows/agentflowsv2");
      if (Files.isDirectory(folder)) {
        return folder;
      }
    }
    return null;
  }
}
