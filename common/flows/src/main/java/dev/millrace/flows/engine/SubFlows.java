package dev.millrace.flows.engine;

import dev.millrace.flows.engine.StoredFlows.StoredFlow;
import dev.millrace.flows.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the flows that a run calls, on the calling thread. Each call is a run of its own, with its
 * own execution and messages; its id follows from the caller's, so that a call repeated after a
 * crash goes on with the same run. Thread-safe.
 */
final class SubFlows {
  private final FlowEngine engine;
  private final RunRequest caller;
  private final RunPorts ports;
  private final List<String> chain;
  private final int deepest;
  private final boolean again;

  /**
   * @param chain the ids of the flows that led here, the caller's own last
   * @param deepest how many flows may run one inside the other
   * @param again whether the caller is being run again, so that calls may have ended before
   */
  SubFlows(
      FlowEngine engine,
      RunRequest caller,
      RunPorts ports,
      List<String> chain,
      int deepest,
      boolean again) {
    this.engine = engine;
    this.caller = caller;
    this.ports = ports;
    this.chain = List.copyOf(chain);
    this.deepest = deepest;
    this.again = again;
  }

  RunResult run(FlowCall call, String execution, Cancellation cancellation) {
    StoredFlow flow =
        ports
            .flows()
            .find(call.flowId(), caller.workspaceId())
            .orElseThrow(() ->
                new FlowException(
                    "Flow "
                        + call.flowId()
                        + " does not exist in this workspace: choose the flow to run again."));
    if (!flow.type().equals("AGENTFLOW")) {
      throw new FlowException(
          "Flow \""
              + flow.name()
              + "\" is of type "
              + flow.type()
              + ", and only AGENTFLOW (Agentflow V2) can be run.");
    }
    if (chain.size() >= deepest) {
      throw new FlowException(
          "Flows call each other too deep: "
              + String.join(" → ", chain)
              + " → "
              + flow.id()
              + ". The limit is "
              + deepest
              + " (FLOW_MAX_DEPTH); is there a circle?");
    }
    var below = new ArrayList<>(chain);
    below.add(flow.id());
    RunRequest request = request(call, flow, execution);
    Past past = again ? ports.journal().past(request.runId()) : Past.NONE;
    return engine.run(request, ports.silent(), cancellation, below, past);
  }

  private RunRequest request(FlowCall call, StoredFlow flow, String execution) {
    String chatId = call.chatId() == null ? caller.chatId() : call.chatId();
    ObjectNode input = Json.object().put("question", call.question()).put("chatId", chatId);
    input.set("overrideConfig", call.overrideConfig());
    String session = call.overrideConfig().path("sessionId").asString("");
    String path = caller.runId() + "/" + execution + "/" + call.key();
    return new RunRequest(
        named("run:" + path),
        named("answer:" + path),
        flow.flow(),
        flow.id(),
        caller.workspaceId(),
        chatId,
        session.isEmpty() ? chatId : session,
        false,
        input,
        input,
        flow.apiConfig(),
        flow.chatbotConfig(),
        false,
        caller.chatType(),
        engine.now());
  }

  private static UUID named(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }
}
