package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.HumanAnswer;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.models.ToolRound;
import tools.jackson.databind.JsonNode;

/** What an agent begins with: its prompt, or, after a human was asked, where it had paused. */
final class AgentBeginning {
  private final NodeContext context;
  private final ModelInputs inputs;
  private final ModelCall model;
  private final AgentTools tools;

  AgentBeginning(NodeContext context, ModelInputs inputs, ModelCall model, AgentTools tools) {
    this.context = context;
    this.inputs = inputs;
    this.model = model;
    this.tools = tools;
  }

  /** Begins anew, or goes on where a human was asked. */
  AgentState state() {
    HumanAnswer human = context.humanInput();
    if (human == null) {
      var state = new AgentState();
      Prompt prompt = new PromptBuilder(context, inputs, model::summary).build();
      state.messages.addAll(prompt.messages());
      state.asked.addAll(prompt.configuredUserTurns());
      return state;
    }
    human.check(context.node().title());
    AgentState state = restored(human);
    ToolRound pending = state.pending;
    if (human.proceeds() || pending == null) {
      return state;
    }
    state.pending = null;
    for (ToolRound.Call call : pending.calls()) {
      AgentTools.Entry entry = tools.find(call.name());
      if (entry != null && entry.approval()) {
        state.rejected.add(entry.component());
      }
    }
    String feedback = human.feedback();
    if (feedback != null && !feedback.isBlank()) {
      state.messages.add(new Prompt.Message(new ChatTurn("user", feedback), false));
    }
    return state;
  }

  private AgentState restored(HumanAnswer human) {
    if (!human.checkpoint().isEmpty()) {
      return AgentState.read(human.checkpoint());
    }
    // A Flowise server asked: its record is all there is.
    var state = new AgentState();
    for (JsonNode message : human.question().data().path("input").path("messages")) {
      ToolRound round = AgentMessages.readForeign(message);
      if (round != null) {
        state.pending = round;
      } else if (!message.path("role").asString("").equals("tool")) {
        state.messages.add(new Prompt.Message(AgentMessages.readTurn(message), false));
      }
    }
    return state;
  }
}
