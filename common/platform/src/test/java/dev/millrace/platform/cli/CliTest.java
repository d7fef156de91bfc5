package dev.millrace.platform.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.flows.model.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliTest {
  private static final String ID = "11111111-2222-3333-4444-555555555555";
  private static final String FLOW =
      """
      {"nodes":[
        {"id":"startAgentflow_0","position":{"x":1,"y":2},"data":{"id":"startAgentflow_0",
          "name":"startAgentflow","label":"Start","category":"Agent Flows",
          "inputs":{"startInputType":"chatInput"}}},
        {"id":"llmAgentflow_0","data":{"id":"llmAgentflow_0","name":"llmAgentflow","label":"LLM",
          "category":"Agent Flows","credential":"c1",
          "inputParams":[{"name":"llmModel","type":"asyncOptions"},
            {"name":"secret","type":"password","optional":true}],
          "inputs":{"llmModel":"chatOpenAI","secret":"s3cret","llmEnableMemory":true,
            "llmModelConfig":{"FLOWISE_CREDENTIAL_ID":"c2","modelName":"m"}}}}],
       "edges":[{"source":"startAgentflow_0","sourceHandle":"startAgentflow_0-output-startAgentflow",
         "target":"llmAgentflow_0"}],
       "viewport":{"x":0,"y":0,"zoom":1}}
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  @TempDir Path folder;

  @Test
  void validatesAndSaysWhatIsWrong() throws Exception {
    assertThat(run("flow", "validate", file("ok.json", FLOW).toString())).isZero();
    assertThat(out.toString()).contains("ok.json: ok, 2 nodes");

    var twoStarts =
        FLOW.replace("llmAgentflow_0", "startAgentflow_1")
            .replace("\"llmAgentflow\"", "\"startAgentflow\"");
    assertThat(run("flow", "validate", file("bad.json", twoStarts).toString())).isEqualTo(1);
    assertThat(out.toString()).contains("ERROR SEVERAL_STARTS");

    var lint =
        FLOW.replace("\"llmEnableMemory\":true", "\"llmUserMessage\":\"{{ $flow.state.x }}\"");
    var warned = file("warned.json", lint).toString();
    assertThat(run("flow", "validate", warned)).isZero();
    assertThat(run("flow", "validate", "--strict", warned)).isEqualTo(1);
    assertThat(out.toString()).contains("WARNING UNDECLARED_STATE");
  }

  @Test
  void runsAFlowWithAScriptedModel() throws Exception {
    var script = file("script.json", "{\"script\":[\"Hello Ada\"]}");

    var code =
        run(
            "flow",
            "run",
            file("flow.json", FLOW).toString(),
            "--model",
            script.toString(),
            "--input",
            "Ada",
            "--trace");

    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(out.toString())
        .contains("finished  Start  (startAgentflow_0)  → Ada")
        .contains("finished  LLM  (llmAgentflow_0)")
        .endsWith("Hello Ada" + System.lineSeparator());
  }

  @Test
  void runsACaseAndComparesWhatComesOut() throws Exception {
    var wrapped =
        "{\"question\":\"q\",\"script\":[\"a\"],\"flow\":"
            + FLOW
            + ",\"expect\":{\"text\":\"%s\"}}";

    assertThat(run("flow", "run", file("right.json", wrapped.formatted("a")).toString())).isZero();
    assertThat(run("flow", "run", file("wrong.json", wrapped.formatted("b")).toString()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("another than expected: b");
  }

  @Test
  void failuresAreSaidInALine() throws Exception {
    var script = file("script.json", "[{\"error\":\"no quota\"}]").toString();

    assertThat(run("flow", "run", file("f.json", FLOW).toString(), "--model", script)).isEqualTo(1);
    assertThat(err.toString()).contains("ERROR: ", "no quota").doesNotContain("\tat ");
    assertThat(run("flow", "run", folder.resolve("none.json").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("none.json cannot be read");
    assertThat(run("flow", "validate", file("x.json", "nope").toString())).isEqualTo(1);
    assertThat(run("flow", "fly")).isEqualTo(2);
  }

  @Test
  void importsWithoutLossAndExportsWithoutSecrets() throws Exception {
    var server = server();
    var url = "http://127.0.0.1:" + server.getAddress().getPort();
    try {
      var source = file("My flow.json", FLOW);
      assertThat(run("flow", "import", source.toString(), "--server", url, "--key", "k")).isZero();
      assertThat(out.toString()).contains(ID + "  My flow", "  careful");
      var sent = Json.read(requests.getFirst().substring(requests.getFirst().indexOf('{')));
      assertThat(requests.getFirst()).startsWith("POST /api/v1/chatflows Bearer k ");
      assertThat(sent.path("type").asString()).isEqualTo("AGENTFLOW");
      assertThat(Json.read(sent.path("flowData").asString())).isEqualTo(Json.read(FLOW));

      var target = folder.resolve("exported.json");
      assertThat(
              run("flow", "export", target.toString(), "--id", ID, "--server", url, "--key", "k"))
          .isZero();
      var exported = Files.readString(target);
      assertThat(exported).doesNotContain("s3cret", "c1", "c2").contains("\"zoom\": 1");

      assertThat(run("flow", "trace", ID, "--server", url, "--key", "k")).isZero();
      assertThat(out.toString()).contains("error  Broken  (x_0)  ! boom");
      assertThat(run("flow", "trace", "unknown", "--server", url, "--key", "k")).isEqualTo(1);
      assertThat(err.toString()).contains("answered 404: gone");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void importsToolsAndVariablesByATaskOfTheServer() throws Exception {
    var server = server();
    var url = "http://127.0.0.1:" + server.getAddress().getPort();
    try {
      var tool = "{\"id\":\"t\",\"name\":\"echo\",\"schema\":\"[]\",\"func\":\"return 1\"}";
      var source = file("Export.json", "{\"Tool\":[" + tool + "],\"Variable\":[]}").toString();
      assertThat(run("flow", "import", source, "--overwrite", "--server", url, "--key", "k"))
          .as("one was refused")
          .isEqualTo(1);
      assertThat(requests.getFirst())
          .startsWith("POST /api/v1/tasks Bearer k ")
          .contains("\"type\":\"flows:import\"", "\"overwrite\":true", "\"name\":\"echo\"");
      assertThat(out.toString()).contains("tool  echo  (replaced)", "refused  bad: no func");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void tracesShowWhatIsInsideAContainerBelowIt() throws Exception {
    var records =
        """
        [{"nodeId":"s_0","nodeLabel":"Start","status":"FINISHED","data":{}},
         {"nodeId":"a_0","nodeLabel":"A","status":"FINISHED",
          "data":{"parentNodeId":"i_0","iterationIndex":0,"output":{"content":"one"}}},
         {"nodeId":"a_0","nodeLabel":"A","status":"FINISHED",
          "data":{"parentNodeId":"i_0","iterationIndex":1,"output":{"content":"two"}}},
         {"nodeId":"i_0","nodeLabel":"Each","status":"FINISHED",
          "data":{"output":{"content":"one\\ntwo","timeMetadata":{"delta":12}}}},
         {"nodeId":"c_0","nodeLabel":"Which","status":"FINISHED",
          "data":{"output":{"conditions":[{"isFulfilled":false},{"isFulfilled":true}]}}}]
        """;

    assertThat(run("flow", "trace", file("records.json", records).toString())).isZero();

    assertThat(out.toString().lines())
        .containsExactly(
            "finished  Start  (s_0)",
            "finished  Each  (i_0)  12 ms  → one two",
            "    [0] finished  A  (a_0)  → one",
            "    [1] finished  A  (a_0)  → two",
            "finished  Which  (c_0)  → output 1");
  }

  private int run(String... args) {
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(args);
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  private HttpServer server() throws Exception {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          var path = exchange.getRequestURI().getPath();
          var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          var key = exchange.getRequestHeaders().getFirst("Authorization");
          requests.add(exchange.getRequestMethod() + " " + path + " " + key + " " + body);
          var row = Json.object().put("id", ID).put("name", "My flow").put("flowData", FLOW);
          row.putArray("warnings").add("careful");
          var execution =
              Json.object()
                  .put(
                      "executionData",
                      "[{\"nodeId\":\"x_0\",\"nodeLabel\":\"Broken\",\"status\":\"ERROR\","
                          + "\"data\":{\"error\":\"boom\"}}]");
          var known = path.endsWith(ID) || path.matches(".*/(chatflows|tasks|tasks/task-1)");
          var task =
              "{\"id\":\"task-1\",\"state\":\"SUCCEEDED\",\"result\":{\"tools\":[{\"name\":\"echo\","
                  + "\"outcome\":\"REPLACED\"}],\"refused\":[{\"name\":\"bad\",\"reason\":\"no func\"}]}}";
          var answer =
              (!known
                      ? "{\"message\":\"gone\"}"
                      : path.contains("tasks")
                          ? task
                          : path.contains("executions") ? execution.toString() : row.toString())
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(known ? 200 : 404, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    return server;
  }
}
