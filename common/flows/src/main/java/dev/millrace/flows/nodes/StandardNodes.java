package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.NodeCatalog;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.script.ScriptSandbox;
import java.time.InstantSource;
import java.util.HashMap;

/** Knows every kind of node that comes with the engine. */
public final class StandardNodes {
  private StandardNodes() {}

  /**
   * Returns the catalog.
   *
   * @param models calls chat models
   * @param scripts runs custom functions
   * @param fetcher sends what HTTP nodes ask for
   * @param clock tells how long models took
   */
  public static NodeCatalog catalog(
      ChatModels models, ScriptSandbox scripts, HttpFetcher fetcher, InstantSource clock) {
    var runners = new HashMap<String, NodeRunner>();
    runners.put("startAgentflow", new StartNode());
    runners.put("llmAgentflow", new LlmNode(models, Prices.bundled(), clock));
    runners.put("conditionAgentflow", new ConditionNode());
    runners.put("customFunctionAgentflow", new CustomFunctionNode(scripts));
    runners.put("httpAgentflow", new HttpNode(fetcher));
    runners.put("directReplyAgentflow", new DirectReplyNode());
    runners.put("loopAgentflow", new LoopNode());
    runners.put("iterationAgentflow", new IterationNode());
    runners.put("humanInputAgentflow", new HumanInputNode(models, clock));
    runners.put("executeFlowAgentflow", new ExecuteFlowNode());
    return new NodeCatalog(runners);
  }
}
