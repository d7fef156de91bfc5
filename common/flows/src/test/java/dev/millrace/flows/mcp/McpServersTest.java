package dev.millrace.flows.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockResponseBody;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Servers of the protocol on every transport, each a small real one. */
@Timeout(60)
class McpServersTest {
  private static final Set<String> NODE = Set.of("node");
  private static final McpSettings PROCESSES =
      new McpSettings(true, NODE, false, Duration.ofSeconds(20));

  /** Answers what it is asked; the tool "wait" never answers, "leave" ends the process. */
  private static final String SERVER =
      """
      const lines = require('readline').createInterface({ input: process.stdin });
      const reply = (id, result) =>
        process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
      lines.on('line', line => {
        const { id, method, params } = JSON.parse(line);
        if (method === 'initialize') reply(id, { protocolVersion: '2025-06-18', capabilities: {} });
        if (method === 'tools/list') reply(id, { tools: [
          { name: 'echo', description: 'says it again', inputSchema: { type: 'object',
            properties: { text: { type: 'string' } }, required: ['text'] } },
          { name: 'wait', inputSchema: { type: 'object' } },
          { name: 'leave', inputSchema: { type: 'object' } }] });
        if (method === 'tools/call' && params.name === 'echo') reply(id, { content: [
          { type: 'text', text: process.env.GREETING + ' ' + params.arguments.text },
          { type: 'image', data: 'AAAA', mimeType: 'image/png' }] });
        if (method === 'tools/call' && params.name === 'leave') process.exit(1);
      });
      """;

  private final MockWebServer server = new MockWebServer();
  private final GuardedHttp http =
      new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT);
  private final LinkedBlockingQueue<RecordedRequest> requests = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  @Test
  void speaksWithAProcess(@TempDir Path folder) throws Exception {
    try (var session = start(folder)) {
      assertThat(session.tools(Cancellation.none()))
          .extracting(tool -> tool.name())
          .containsExactly("echo", "wait", "leave");
      JsonNode told = session.call("echo", Json.object().put("text", "you"), Cancellation.none());
      assertThat(told.at("/content/0/text").asString()).isEqualTo("hello you");
    }
  }

  @Test
  void aCancellationEndsTheWaitForAProcess(@TempDir Path folder) throws Exception {
    try (var session = start(folder)) {
      var cancellation = new Cancellation();
      var call =
          CompletableFuture.supplyAsync(() -> session.call("wait", Json.object(), cancellation));
      cancellation.cancel("enough");
      assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(FlowCancelledException.class);
    }
  }

  @Test
  void aProcessThatEndsIsAnError(@TempDir Path folder) throws Exception {
    try (var session = start(folder)) {
      assertThatThrownBy(() -> session.call("leave", Json.object(), Cancellation.none()))
          .isInstanceOf(McpException.class)
          .hasMessageContaining("has ended");
    }
  }

  @Test
  void aSilentServerIsAnError(@TempDir Path folder) throws Exception {
    var impatient = new McpSettings(true, NODE, false, Duration.ofSeconds(3));
    try (var session = start(folder, impatient)) {
      assertThatThrownBy(() -> session.call("wait", Json.object(), Cancellation.none()))
          .hasMessageContaining("did not answer tools/call within 3 s");
    }
  }

  @Test
  void startsOnlyWhatIsPermitted() {
    var none = new McpServers(http, McpSettings.HTTP_ONLY);
    assertRefused(none, "node", List.of(), Map.of(), "CUSTOM_MCP_PROTOCOL");
    var checked = new McpSettings(true, Set.of("npx"), true, Duration.ofSeconds(5));
    var some = new McpServers(http, checked);
    assertRefused(some, "bash", List.of(), Map.of(), "CUSTOM_MCP_ALLOWED_COMMANDS");
    assertRefused(some, "/usr/bin/npx", List.of(), Map.of(), "CUSTOM_MCP_ALLOWED_COMMANDS");
    assertRefused(some, "npx", List.of("-c", "id"), Map.of(), "would run code");
    assertRefused(some, "npx", List.of("../x.js"), Map.of(), "outside its own folder");
    assertRefused(some, "npx", List.of(), Map.of("LD_PRELOAD", "x"), "LD_PRELOAD");
  }

  @Test
  void speaksStreamableHttp() throws Exception {
    serve(request -> {
      JsonNode message = Json.read(request.getBody() == null ? "{}" : request.getBody().utf8());
      String id = message.path("id").toString();
      return switch (message.path("method").asString("")) {
        case "initialize" ->
            json("{\"jsonrpc\":\"2.0\",\"id\":"
                    + id
                    + ",\"result\":{\"protocolVersion\":\"2025-03-26\"}}")
                .addHeader("Mcp-Session-Id", "s-1")
                .build();
        case "tools/list" ->
            new MockResponse.Builder()
                .addHeader("Content-Type", "text/event-stream")
                .body(
                    event("message", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}")
                        + event(
                            "message",
                            "{\"jsonrpc\":\"2.0\",\"id\":"
                                + id
                                + ",\"result\":{\"tools\":[{\"name\":\"a\"}]}}"))
                .build();
        case "tools/call" ->
            json("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"message\":\"not today\"}}")
                .build();
        default -> new MockResponse.Builder().code(202).build();
      };
    });
    var servers = new McpServers(http, PROCESSES);
    try (var session = servers.connect(url("/mcp"), Map.of("X-Key", "k"), Cancellation.none())) {
      assertThat(session.tools(Cancellation.none()))
          .extracting(one -> one.name())
          .containsExactly("a");
      assertThatThrownBy(() -> session.call("a", Json.object(), Cancellation.none()))
          .hasMessageContaining("not today");
    }
    assertThat(requests.poll(5, TimeUnit.SECONDS).getHeaders().get("Mcp-Session-Id")).isNull();
    RecordedRequest second = requests.poll(5, TimeUnit.SECONDS);
    assertThat(second.getHeaders().get("Mcp-Session-Id")).isEqualTo("s-1");
    assertThat(second.getHeaders().get("MCP-Protocol-Version")).isEqualTo("2025-03-26");
    assertThat(second.getHeaders().get("X-Key")).isEqualTo("k");
  }

  @Test
  void speaksTheOlderHttp() throws Exception {
    var events = new LinkedBlockingQueue<String>();
    events.add(event("endpoint", "/messages?session=7"));
    serve(request -> {
      if (request.getMethod().equals("GET")) {
        return new MockResponse.Builder().body(new Events(events)).build();
      }
      if (!request.getTarget().startsWith("/messages")) {
        return new MockResponse.Builder().code(405).build();
      }
      JsonNode message = Json.read(request.getBody() == null ? "{}" : request.getBody().utf8());
      if (message.has("id")) {
        var answer = Json.object().put("jsonrpc", "2.0");
        answer.set("id", message.path("id"));
        answer.putObject("result").putArray("tools").addObject().put("name", "b");
        events.add(event("message", answer.toString()));
      }
      return new MockResponse.Builder().code(202).build();
    });
    var servers = new McpServers(http, PROCESSES);
    try (var session = servers.connect(url("/sse"), Map.of(), Cancellation.none())) {
      assertThat(session.tools(Cancellation.none()))
          .extracting(one -> one.name())
          .containsExactly("b");
    } finally {
      events.add("");
    }
  }

  @Test
  void doesNotFollowAServerToAnotherHost() throws Exception {
    serve(request ->
        request.getMethod().equals("GET")
            ? new MockResponse.Builder().body(event("endpoint", "http://evil.example/take")).build()
            : new MockResponse.Builder().code(405).build());
    var servers = new McpServers(http, PROCESSES);
    assertThatThrownBy(() -> servers.connect(url("/sse"), Map.of(), Cancellation.none()))
        .isInstanceOf(McpException.class);
  }

  @Test
  void aFlowCallsAServersTool(@TempDir Path folder) throws Exception {
    Path script = Files.writeString(folder.resolve("server.js"), SERVER);
    var config = Json.object().put("command", "node");
    config.putArray("args").add(script.toString());
    config.putObject("env").put("GREETING", "good day");
    var inputs = Json.object().put("toolAgentflowSelectedTool", "customMCP");
    inputs
        .putObject("toolAgentflowSelectedToolConfig")
        .put("mcpServerConfig", config.toString())
        .put("mcpActions", "[\"echo\"]");
    inputs
        .putArray("toolInputArgs")
        .addObject()
        .put("inputArgName", "text")
        .put("inputArgValue", "{{ question }}");
    var result =
        FlowDraft.start()
            .then("toolAgentflow_0", "T", inputs.toString())
            .run()
            .with(new McpServers(http, PROCESSES))
            .ask("sir");
    assertThat(result.text()).isEqualTo("good day sir");
    assertThat(result.records().getLast().data().at("/output/artifacts/0/data").asString())
        .isEqualTo("data:image/png;base64,AAAA");
  }

  private McpSession start(Path folder) throws Exception {
    return start(folder, PROCESSES);
  }

  private McpSession start(Path folder, McpSettings settings) throws Exception {
    Path script = Files.writeString(folder.resolve("server.js"), SERVER);
    return new McpServers(http, settings)
        .start(
            "node", List.of(script.toString()), Map.of("GREETING", "hello"), Cancellation.none());
  }

  private static void assertRefused(
      McpServers servers,
      String command,
      List<String> arguments,
      Map<String, String> environment,
      String why) {
    assertThatThrownBy(() -> servers.start(command, arguments, environment, Cancellation.none()))
        .isInstanceOf(McpException.class)
        .hasMessageContaining(why);
  }

  private static String event(String name, String data) {
    return String.join("\n", "event: " + name, "data: " + data, "", "");
  }

  /** Sends events as they come, until an empty one. */
  private record Events(LinkedBlockingQueue<String> queue) implements MockResponseBody {
    @Override
    public long getContentLength() {
      return -1;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      try {
        for (String next = queue.take(); !next.isEmpty(); next = queue.take()) {
          sink.writeUtf8(next).flush();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private interface Answers {
    MockResponse answer(RecordedRequest request);
  }

  private void serve(Answers answers) throws Exception {
    server.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            requests.add(request);
            return answers.answer(request);
          }
        });
    server.start(InetAddress.getByName("127.0.0.1"), 0);
  }

  private static MockResponse.Builder json(String body) {
    return new MockResponse.Builder().addHeader("Content-Type", "application/json").body(body);
  }

  private String url(String path) {
    return server.url(path).toString();
  }
}
