package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.NodeCatalog;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Supported;
import dev.millrace.flows.retrieval.Retrievers;
import dev.millrace.flows.tools.RemoteFlows;
import dev.millrace.flows.tools.ToolFactory;
import dev.millrace.flows.tools.Toolbox;
import java.util.HashMap;
import java.util.Map;

/** Knows every kind of node that comes with the engine. */
public final class StandardNodes {
  private StandardNodes() {}

  /**
   * Returns the catalog.
   *
   * @param parts what the nodes share
   */
  public static NodeCatalog catalog(NodeParts parts) {
    return catalog(parts, Map.of(), Map.of());
  }

  /**
   * Returns the catalog with what others bring; what comes with the engine wins.
   *
   * @param moreNodes by the name that selects them
   * @param moreTools likewise
   */
  public static NodeCatalog catalog(
      NodeParts parts, Map<String, NodeRunner> moreNodes, Map<String, ToolFactory> moreTools) {
    var prices = Prices.bundled();
    var remote = new RemoteFlows(parts.fetcher(), parts.ownAddresses());
    var toolbox =
        new Toolbox(
            parts.fetcher(), parts.scripts(), parts.clock(), parts.mcp(), remote, moreTools);
    var retrievers = new Retrievers(parts.embeddings(), parts.fetcher(), parts.vectors());
    var runners = new HashMap<>(moreNodes);
    runners.put("startAgentflow", new StartNode());
    runners.put("llmAgentflow", new LlmNode(parts.models(), prices, parts.clock()));
    runners.put(
        "agentAgentflow",
        new AgentNode(parts.models(), toolbox, retrievers, prices, parts.clock()));
    runners.put("toolAgentflow", new ToolNode(toolbox));
    runners.put("retrieverAgentflow", new RetrieverNode(retrievers));
    runners.put(
        "conditionAgentAgentflow", new ConditionAgentNode(parts.models(), prices, parts.clock()));
    runners.put("conditionAgentflow", new ConditionNode(parts.scripts()));
    runners.put("customFunctionAgentflow", new CustomFunctionNode(parts.scripts()));
    runners.put("httpAgentflow", new HttpNode(parts.fetcher()));
    runners.put("directReplyAgentflow", new DirectReplyNode());
    runners.put("loopAgentflow", new LoopNode());
    runners.put("iterationAgentflow", new IterationNode());
    runners.put("humanInputAgentflow", new HumanInputNode(parts.models(), prices, parts.clock()));
    runners.put("executeFlowAgentflow", new ExecuteFlowNode(remote));
    var supported =
        new Supported(
            runners.keySet(),
            parts.models().supported(),
            toolbox.supported(),
            parts.embeddings().supported(),
            retrievers.supported());
    return new NodeCatalog(
        runners,
        supported,
        new PostProcessing(parts.scripts()),
        new ModelFollowUps(parts.models()));
  }
}
