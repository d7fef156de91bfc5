package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.retrieval.Retrievers;
import dev.millrace.flows.tools.Toolbox;
import java.time.InstantSource;

/** Asks a chat model that may call tools before it answers (§4.3). */
final class AgentNode implements NodeRunner {
  private final ChatModels models;
  private final Toolbox toolbox;
  private final Retrievers retrievers;
  private final Prices prices;
  private final InstantSource clock;

  AgentNode(
      ChatModels models,
      Toolbox toolbox,
      Retrievers retrievers,
      Prices prices,
      InstantSource clock) {
    this.models = models;
    this.toolbox = toolbox;
    this.retrievers = retrievers;
    this.prices = prices;
    this.clock = clock;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    var inputs = new ModelInputs(context.inputs(), "agent");
    try (var tools = AgentTools.open(inputs, toolbox, retrievers, context)) {
      var call = new ModelCall(models, prices, context, inputs);
      return new AgentRun(context, inputs, call, tools, clock).run();
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      throw new FlowException("Error in Agent node: " + e.getMessage(), e);
    }
  }
}
