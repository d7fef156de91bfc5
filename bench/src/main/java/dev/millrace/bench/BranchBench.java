package dev.millrace.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How long waiting side by side takes: two models, and the items of an iteration. */
final class BranchBench {
  private static final int ROUNDS = 10;
  private static final long MODEL_MS = 500;
  private static final long ITEM_MS = 200;
  private static final String ANSWER =
      "{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\","
          + "\"content\":\"x\"}}]}";

  private BranchBench() {}

  static void run(StringBuilder report) throws Exception {
    report.append("\n## Side by side (median and longest of ").append(ROUNDS).append(" runs)\n\n");
    report.append("| flow | ms | longest | target |\n|---|---|---|---|\n");
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", BranchBench::answer);
    server.start();
    var url = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    try (var models = new EngineRuns()) {
      row(report, "two LLM nodes of 500 ms each", 700, models, twoModels(url));
    } finally {
      server.stop(0);
      threads.close();
    }
    try (var items =
        new EngineRuns((request, cancellation) -> {
          pause(ITEM_MS);
          return EngineRuns.ANSWER;
        })) {
      row(report, "ten items of 200 ms, concurrency 10", 500, items, tenItems());
    }
  }

  private static void row(
      StringBuilder report, String name, int target, EngineRuns runs, Flow flow) {
    time(runs, flow); // the first run loads classes
    var millis = new double[ROUNDS];
    for (var round = 0; round < ROUNDS; round++) {
      millis[round] = time(runs, flow);
    }
    Arrays.sort(millis);
    report.append(
        "| %s | %.0f | %.0f | < %d |%n"
            .formatted(name, millis[ROUNDS / 2], millis[ROUNDS - 1], target));
  }

  private static double time(EngineRuns runs, Flow flow) {
    var begin = System.nanoTime();
    RunResult result = runs.run(flow, "w", RunJournal.NONE);
    if (result.status() != RunStatus.FINISHED) {
      throw new IllegalStateException("The run ended as " + result.status() + result.error());
    }
    return (System.nanoTime() - begin) / 1e6;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      pause(MODEL_MS);
      var body = ANSWER.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static void pause(long millis) {
    var end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (var left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static Flow twoModels(String url) {
    var json = Json.object();
    var nodes = json.putArray("nodes");
    var edges = json.putArray("edges");
    start(nodes);
    for (var id : new String[] {"llmAgentflow_0", "llmAgentflow_1"}) {
      var inputs = EngineRuns.node(nodes.addObject(), id, "llmAgentflow");
      inputs.put("llmModel", "chatOpenAI").put("llmEnableMemory", true);
      inputs
          .putObject("llmModelConfig")
          .put("modelName", "m")
          .put("basepath", url)
          .put("streaming", false)
          .put("openAIApiKey", "k");
      edge(edges, "startAgentflow_0", id);
      edge(edges, id, "directReplyAgentflow_0");
    }
    reply(nodes);
    return FlowParser.parse(json).flow();
  }

  private static Flow tenItems() {
    var json = Json.object();
    var nodes = json.putArray("nodes");
    var edges = json.putArray("edges");
    start(nodes);
    EngineRuns.node(nodes.addObject(), "iterationAgentflow_0", "iterationAgentflow")
        .put("iterationInput", "[0,1,2,3,4,5,6,7,8,9]")
        .put("concurrency", 10);
    var inner = nodes.addObject().put("parentNode", "iterationAgentflow_0");
    EngineRuns.node(inner, "httpAgentflow_0", "httpAgentflow").put("url", "http://example.org/");
    edge(edges, "startAgentflow_0", "iterationAgentflow_0");
    edge(edges, "iterationAgentflow_0", "directReplyAgentflow_0");
    reply(nodes);
    return FlowParser.parse(json).flow();
  }

  private static void start(ArrayNode nodes) {
    EngineRuns.node(nodes.addObject(), "startAgentflow_0", "startAgentflow")
        .put("startInputType", "chatInput");
  }

  private static void reply(ArrayNode nodes) {
    ObjectNode node = nodes.addObject();
    EngineRuns.node(node, "directReplyAgentflow_0", "directReplyAgentflow")
        .put("directReplyMessage", "done");
  }

  private static void edge(ArrayNode edges, String source, String target) {
    edges
        .addObject()
        .put("source", source)
        .put("sourceHandle", source + "-output-" + source.replaceFirst("_\\d+$", ""))
        .put("target", target);
  }
}
