package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels.Answer;
import dev.millrace.flows.models.ChatModels.ChatListener;
import dev.millrace.flows.models.ToolRound;
import dev.millrace.flows.models.ToolSpec;
import dev.millrace.flows.nodes.ToolCalls.Ended;
import dev.millrace.flows.tools.ToolScope;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One execution of an agent: model, tools, model again, until there is an answer. */
final class AgentRun {
  /** How often a model may call tools before it has to answer, unless the node says. */
  private static final int MOST_ROUNDS = 25;

  private final NodeContext context;
  private final ModelInputs inputs;
  private final ModelCall model;
  private final AgentTools tools;
  private final Speaker speaker;
  private final AgentEnding ending;
  private final boolean streams;

  AgentRun(
      NodeContext context,
      ModelInputs inputs,
      ModelCall model,
      AgentTools tools,
      InstantSource clock) {
    this.context = context;
    this.inputs = inputs;
    this.model = model;
    this.tools = tools;
    this.speaker = new Speaker(context.events(), clock);
    this.streams =
        context.isLast() && inputs.rows("StructuredOutput").isEmpty() && inputs.streams();
    this.ending = new AgentEnding(context, inputs, model, tools, clock, streams ? speaker : null);
  }

  NodeOutcome run() {
    AgentState state = new AgentBeginning(context, inputs, model, tools).state();
    ToolRound allowed = state.pending;
    Ended direct = null;
    if (allowed != null) {
      state.pending = null;
      direct = callTools(state, allowed);
    }
    while (direct == null) {
      Answer answer = ask(state);
      if (answer.calls().isEmpty()) {
        return ending.finish(state, answer, answer.text());
      }
      if (state.rounds.size() >= rounds()) {
        throw new FlowException(
            "the model of node "
                + context.node().title()
                + " called tools "
                + rounds()
                + " times in a row and gave no answer; tell it when to stop, or raise"
                + " agentMaxToolRounds");
      }
      state.toolTokens += answer.usage().path("total_tokens").asLong(0);
      var round = new ToolRound(answer.text(), answer.calls(), List.of(), answer.carry());
      context.events().calledTools(calledRows(round));
      if (needsApproval(round)) {
        state.pending = round;
        return ending.pause(state);
      }
      direct = callTools(state, round);
    }
    String text = direct.told();
    if (streams) {
      speaker.token(text);
    }
    return ending.finish(state, null, text);
  }

  private Answer ask(AgentState state) {
    List<ToolSpec> offered = tools.specs(state.rejected);
    Answer answer =
        model.answer(
            state.prompt().turns(),
            null,
            offered,
            tools.builtIn(),
            state.rounds,
            streams ? speaker : ChatListener.NONE);
    state.usage = ModelCall.sum(answer.usage(), state.usage);
    answer.made().usedTools().forEach(state.usedTools::add);
    MadeFiles.add(answer.made(), state.artifacts, state.fileAnnotations);
    return answer;
  }

  private int rounds() {
    return (int) Math.clamp(inputs.number("MaxToolRounds").orElse(MOST_ROUNDS), 1, 1000);
  }

  private boolean needsApproval(ToolRound round) {
    for (ToolRound.Call call : round.calls()) {
      AgentTools.Entry entry = tools.find(call.name());
      if (entry != null && entry.approval()) {
        return true;
      }
    }
    return false;
  }

  /** Calls the tools of a round; returns the call whose result is the answer already. */
  private @Nullable Ended callTools(AgentState state, ToolRound round) {
    List<Ended> ended = new ToolCalls(tools, ToolScope.of(context)).run(round.calls());
    var results = new ArrayList<ToolRound.Result>();
    boolean failed = false;
    for (Ended one : ended) {
      results.add(new ToolRound.Result(one.call().id(), one.call().name(), one.told()));
      state.usedTools.add(one.used());
      if (one.result() != null) {
        state.sourceDocuments.addAll(one.result().sourceDocuments());
        state.artifacts.addAll(one.result().artifacts());
      }
      if (one.error() != null) {
        failed = true;
        String onError = inputs.text("OnToolError");
        if (onError.equals("abort")
            || (onError.isEmpty() && context.keeps(Compat.TOOL_ERROR_ABORTS))) {
          context.events().usedTools(state.usedTools.deepCopy());
          throw new FlowException(
              "tool \""
                  + one.call().name()
                  + "\" of node "
                  + context.node().title()
                  + " failed: "
                  + one.error());
        }
      }
    }
    if (failed && !context.isLast()) {
      context.events().usedTools(state.usedTools.deepCopy());
    }
    state.rounds.add(new ToolRound(round.text(), round.calls(), results, round.carry()));
    Ended only = ended.size() == 1 ? ended.getFirst() : null;
    AgentTools.Entry entry = only == null ? null : only.entry();
    boolean direct =
        entry != null && only != null && only.error() == null && entry.tool().returnDirect();
    return direct ? only : null;
  }

  private static ArrayNode calledRows(ToolRound round) {
    var rows = Json.array();
    for (ToolRound.Call call : round.calls()) {
      ObjectNode row = Json.object().put("tool", call.name());
      row.set("toolInput", AgentMessages.arguments(call));
      rows.add(row.put("toolOutput", ""));
    }
    return rows;
  }
}
