package dev.millrace.platform.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.model.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** {@code flow run}: how flows begin, what they find, and who answers them. */
class FlowRunTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  @Test
  void aWebhookBeginsAFlow() throws Exception {
    var flow =
        flow(
            "\"startInputType\":\"webhookTrigger\",\"webhookDefaultInput\":\"{{ $webhook.body.name }}\","
                + "\"webhookEnableValidation\":true,\"webhookBodyParams\":[{\"name\":\"name\","
                + "\"type\":\"string\",\"required\":true}]",
            reply("{{ question }} {{ $webhook.headers.kind }} {{ $webhook.query.page }}"));
    assertThat(
            run(flow, "--webhook", "{\"name\":\"Ada\"}", "--header", "Kind=k", "--query", "page=2"))
        .isZero();
    assertThat(out.toString().strip()).isEqualTo("Ada k 2");

    assertThat(run(flow, "--webhook", "{}")).isEqualTo(1);
    assertThat(err.toString()).contains("required body parameter \"name\" is missing");

    var chat = flow("\"startInputType\":\"chatInput\"", reply("x"));
    assertThat(run(chat, "--webhook", "{}")).isEqualTo(1);
    assertThat(err.toString()).contains("--webhook suits flows");
  }

  @Test
  void aScheduleBeginsAFlow() throws Exception {
    var flow =
        flow(
            "\"startInputType\":\"scheduleInput\",\"scheduleType\":\"cronExpression\","
                + "\"scheduleCronExpression\":\"0 8 * * *\",\"scheduleDefaultInput\":\"morning\"",
            reply("good {{ startAgentflow_0.output.question }}"));
    assertThat(run(flow)).isZero();
    assertThat(run(flow, "--input", "evening")).isZero();
    assertThat(out.toString().lines()).containsExactly("good morning", "good evening");
  }

  @Test
  void humansAnswerInOrder() throws Exception {
    var flow =
        flow(
            "\"startInputType\":\"chatInput\"",
            node("humanInputAgentflow_0", "First", "\"humanInputEnableFeedback\":true"),
            node("humanInputAgentflow_1", "Second", "\"humanInputEnableFeedback\":true"),
            reply("{{ humanInputAgentflow_0 }} and {{ humanInputAgentflow_1 }}"));
    assertThat(run(flow, "--answer", "proceed: looks fine", "--answer", "proceed")).isZero();
    assertThat(out.toString().strip()).isEqualTo("looks fine and proceed");
    assertThat(err.toString()).isEmpty();

    assertThat(run(flow, "--answer", "proceed")).isZero();
    assertThat(err.toString()).contains("The flow asks a human");
    assertThat(run(flow, "--answer", "proceed", "--answer", "proceed", "--answer", "reject"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("did not ask for 1 of the answers");
    assertThat(run(flow, "--answer", "perhaps")).isEqualTo(1);
    assertThat(err.toString()).contains("\"perhaps\" is no answer");
  }

  @Test
  void aCaseHoldsItsAnswers() throws Exception {
    var flow =
        flow(
            "\"startInputType\":\"chatInput\"",
            node("humanInputAgentflow_0", "First", "\"humanInputEnableFeedback\":true"),
            reply("{{ humanInputAgentflow_0 }}"));
    var one = Json.object().put("question", "q");
    one.set("flow", Json.read(Files.readString(flow)));
    one.putArray("answers").addObject().put("type", "proceed").put("feedback", "go");
    one.putObject("expect").put("status", "FINISHED").put("text", "go");
    assertThat(run(file("case.json", one.toString()))).isZero();
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aLibraryHasWhatFlowsUse() throws Exception {
    var called = flow("\"startInputType\":\"chatInput\"", reply("called with {{ question }}"));
    var export = Json.object();
    export
        .putArray("AgentFlowV2")
        .addObject()
        .put("id", "f-1")
        .put("name", "Called")
        .put("flowData", Files.readString(called));
    export
        .putArray("Tool")
        .addObject()
        .put("id", "t-1")
        .put("name", "shout")
        .put("description", "Shouts")
        .put("schema", "[{\"property\":\"text\",\"type\":\"string\",\"required\":true}]")
        .put("func", "return $text.toUpperCase() + $vars.mark");
    export
        .putArray("Variable")
        .addObject()
        .put("id", "v-1")
        .put("name", "mark")
        .put("type", "static")
        .put("value", "!");
    var library = file("ExportData.json", export.toString());
    var flow =
        flow(
            "\"startInputType\":\"chatInput\"",
            node(
                "toolAgentflow_0",
                "Tool",
                "\"toolAgentflowSelectedTool\":\"customTool\",\"toolAgentflowSelectedToolConfig\":"
                    + "{\"selectedTool\":\"t-1\"},\"toolInputArgs\":[{\"inputArgName\":\"text\","
                    + "\"inputArgValue\":\"{{ question }}\"}]"),
            node(
                "executeFlowAgentflow_0",
                "Call",
                "\"executeFlowSelectedFlow\":\"f-1\",\"executeFlowInput\":\"{{ toolAgentflow_0 }}\""));
    assertThat(run(flow, "--input", "hey")).as("without the library").isEqualTo(1);
    assertThat(err.toString()).contains("t-1");
    assertThat(run(flow, "--input", "hey", "--library", library.toString())).isZero();
    assertThat(run(flow, "--input", "hey", "--library", folder.toString(), "--var", "mark=?"))
        .as("of a folder, with a variable of the terminal")
        .isZero();
    assertThat(out.toString().lines()).containsExactly("called with HEY!", "called with HEY?");
    assertThat(run(library, "--flow", "Called", "--input", "q")).isZero();
    assertThat(out.toString()).endsWith("called with q" + System.lineSeparator());
  }

  @Test
  void settingsCount() throws Exception {
    var flow = flow("\"startInputType\":\"chatInput\"", reply("{{ nothing }}"));
    assertThat(run(flow, "--set", "MAX_ITERATIONS=1")).isEqualTo(1);
    assertThat(err.toString()).contains("has executed 1 nodes");
    assertThat(run(flow, "--set", "COMPAT_UNRESOLVED_STAYS_LITERAL=false")).isZero();
    assertThat(out.toString()).isBlank();
    assertThat(run(flow, "--set", "MAX_ITERATIONS=none")).isEqualTo(1);
    assertThat(err.toString()).contains("MAX_ITERATIONS", "a whole number");
  }

  @Test
  void entriesOfAScriptMayNameWhomTheyAnswer() throws Exception {
    var nodes = Json.array();
    nodes.add(
        Json.read("{" + node("startAgentflow_0", "Start", "\"startInputType\":\"chatInput\"")));
    var edges = Json.array();
    for (var number = 0; number < 4; number++) {
      var id = "llmAgentflow_" + number;
      nodes.add(Json.read("{" + node(id, "LLM " + number, "\"llmModel\":\"chatOpenAI\"")));
      edges.add(edge("startAgentflow_0", id));
      edges.add(edge(id, "directReplyAgentflow_0"));
    }
    nodes.add(
        Json.read(
            "{"
                + reply(
                    "{{ llmAgentflow_0 }}{{ llmAgentflow_1 }}{{ llmAgentflow_2 }}{{ llmAgentflow_3 }}")));
    var flow = Json.object();
    flow.set("nodes", nodes);
    flow.set("edges", edges);
    var script =
        file(
            "script.json",
            "[{\"node\":\"llmAgentflow_3\",\"text\":\"d\"},{\"node\":\"LLM 1\",\"text\":\"b\"},"
                + "{\"node\":\"LLM 0\",\"text\":\"a\"},\"c\"]");
    assertThat(run(file("four.json", flow.toString()), "--model", script.toString())).isZero();
    assertThat(out.toString().strip()).isEqualTo("abcd");
  }

  /** Draws a Start node and what follows it, one after the other. */
  private Path flow(String start, String... following) throws Exception {
    var nodes = Json.array();
    nodes.add(Json.read("{" + node("startAgentflow_0", "Start", start)));
    var edges = Json.array();
    for (var node : following) {
      var read = Json.read("{" + node);
      var last = nodes.get(nodes.size() - 1).path("id").asString();
      nodes.add(read);
      edges.add(edge(last, read.path("id").asString()));
    }
    var flow = Json.object();
    flow.set("nodes", nodes);
    flow.set("edges", edges);
    return file("flow" + Integer.toHexString(flow.hashCode()) + ".json", flow.toString());
  }

  private static String reply(String message) {
    return node("directReplyAgentflow_0", "Reply", "\"directReplyMessage\":\"" + message + "\"");
  }

  private static String node(String id, String label, String inputs) {
    var name = id.substring(0, id.indexOf('_'));
    return "\"id\":\"%s\",\"data\":{\"id\":\"%s\",\"name\":\"%s\",\"label\":\"%s\",\"category\":\"Agent Flows\",\"inputs\":{%s}}}"
        .formatted(id, id, name, label, inputs);
  }

  private static ObjectNode edge(String from, String to) {
    var output = from.startsWith("humanInput") ? "0" : from;
    return Json.object()
        .put("source", from)
        .put("sourceHandle", from + "-output-" + output)
        .put("target", to);
  }

  private int run(Path flow, String... args) {
    var all = new String[args.length + 3];
    all[0] = "flow";
    all[1] = "run";
    all[2] = flow.toString();
    System.arraycopy(args, 0, all, 3, args.length);
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(all);
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }
}
