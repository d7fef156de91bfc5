package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.HumanAnswer;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One execution of an agent: model, tools, model again, until there is an answer. */
final class AgentRun {
  /** How often a model may call tools before it has to answer, unless the node says. */
  private static final int MOST_ROUNDS = 25;

  private static final String CONVERT =
      """
      Put what follows into the required form. Add nothing to it, and leave nothing out that has a
      place there.

      """;

  private final NodeContext context;
  private final ModelInputs inputs;
  private final ModelCall model;
  private final AgentTools tools;
  private final InstantSource clock;
  private final Speaker speaker;
  private final List<ObjectNode> fields;
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
    this.clock = clock;
    this.speaker = new Speaker(context.events(), clock);
    this.fields = inputs.rows("StructuredOutput");
    this.streams = context.isLast() && fields.isEmpty() && inputs.streams();
  }

  NodeOutcome run() {
    long start = clock.millis();
    AgentState state = begin();
    ToolRound allowed = state.pending;
    Ended direct = null;
    if (allowed != null) {
      state.pending = null;
      direct = callTools(state, allowed);
    }
    while (direct == null) {
      Answer answer = ask(state);
      if (answer.calls().isEmpty()) {
        return finish(state, answer, answer.text(), start);
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
        return pause(state, start);
      }
      direct = callTools(state, round);
    }
    String text = direct.told();
    if (streams) {
      speaker.token(text);
    }
    return finish(state, null, text, start);
  }

  /** Begins anew, or goes on where a human was asked. */
  private AgentState begin() {
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

  private NodeOutcome pause(AgentState state, long start) {
    var text = new StringBuilder(state.pending == null ? "" : state.pending.text());
    for (ToolRound.Call call :
        state.pending == null ? List.<ToolRound.Call>of() : state.pending.calls()) {
      ObjectNode shown = Json.object().put("tool", call.name());
      shown.set("input", AgentMessages.arguments(call));
      text.append(text.isEmpty() ? "" : "\n\n")
          .append("May I use this tool?\n```json\n")
          .append(Json.pretty(shown))
          .append("\n```");
    }
    if (context.events().heard()) {
      context.events().token(text.toString());
    }
    ObjectNode output = Json.object().put("content", text.toString());
    output.set("timeMetadata", ModelRecord.time(start, clock.millis()));
    usage(state, output);
    tools(state, output);
    output.put("isWaitingForHumanInput", true);
    ObjectNode input = ModelRecord.input(inputs, state.shown());
    return new NodeOutcome.Paused(new NodeOutcome.Result(input, output), state.checkpoint());
  }

  private NodeOutcome finish(AgentState state, @Nullable Answer answer, String said, long start) {
    String text =
        MadeFiles.linked(said, context.request(), List.of(state.artifacts, state.fileAnnotations));
    ObjectNode structured = Json.object();
    if (!fields.isEmpty()) {
      structured = structured(state, text);
      text = "```json\n" + Json.pretty(structured) + "\n```";
    }
    ObjectNode output = Json.object().put("content", text);
    output.set("timeMetadata", ModelRecord.time(start, clock.millis()));
    output.set("calledTools", Json.array());
    ObjectNode usage = usage(state, output);
    if (answer != null && !answer.response().isEmpty()) {
      output.set("responseMetadata", answer.response());
    }
    tools(state, output);
    structured.properties().forEach(one -> output.set(one.getKey(), one.getValue()));
    if (answer != null && answer.thinking() != null) {
      var reason = Json.object().put("thinking", answer.thinking());
      output.set("reasonContent", reason.put("thinkingDuration", speaker.thinkingSeconds()));
    }
    if (streams) {
      speaker.finish(usage);
    } else if (context.isLast()) {
      context.events().token(text);
    }
    events(state);
    ObjectNode after = context.stateAfter(inputs.name("UpdateState"), Json.text(text));
    List<ChatTurn> turns = ModelRecord.said(context, inputs, state.asked, text, extra(state));
    ObjectNode input = ModelRecord.input(inputs, state.shown());
    return new NodeOutcome.Done(new NodeOutcome.Result(input, output, after, turns));
  }

  private ObjectNode structured(AgentState state, String text) {
    var turn = new ChatTurn("user", CONVERT + text);
    ObjectNode schema = StructuredOutput.schema(fields);
    Answer answer = model.answer(List.of(turn), schema, ChatListener.NONE);
    state.usage = ModelCall.sum(answer.usage(), state.usage);
    return StructuredOutput.of(answer, context, inputs);
  }

  /** Puts in what all calls together used, each counted once. */
  private ObjectNode usage(AgentState state, ObjectNode output) {
    ObjectNode usage = model.usageWith(state.usage);
    if (usage.isEmpty()) {
      return usage;
    }
    ObjectNode shown = Prices.without(usage).put("tool_call_tokens", state.toolTokens);
    output.set("usageMetadata", Prices.costsOf(usage, Json.shallowCopy(shown)));
    return shown;
  }

  private void tools(AgentState state, ObjectNode output) {
    MadeFiles.put(output, "usedTools", state.usedTools);
    MadeFiles.put(output, "sourceDocuments", state.sourceDocuments);
    MadeFiles.put(output, "artifacts", state.artifacts);
    MadeFiles.put(output, "fileAnnotations", state.fileAnnotations);
    MadeFiles.put(output, "availableTools", tools.described());
  }

  private @Nullable ObjectNode extra(AgentState state) {
    ObjectNode extra = Json.object();
    MadeFiles.put(extra, "artifacts", state.artifacts);
    MadeFiles.put(extra, "fileAnnotations", state.fileAnnotations);
    MadeFiles.put(extra, "usedTools", state.usedTools);
    return extra.isEmpty() ? null : extra;
  }

  private void events(AgentState state) {
    if (!context.isLast()) {
      return;
    }
    if (!state.usedTools.isEmpty()) {
      context.events().usedTools(state.usedTools);
    }
    if (!state.sourceDocuments.isEmpty()) {
      context.events().sourceDocuments(state.sourceDocuments);
    }
    if (!state.artifacts.isEmpty()) {
      context.events().artifacts(state.artifacts);
    }
    if (!state.fileAnnotations.isEmpty()) {
      context.events().fileAnnotations(state.fileAnnotations);
    }
  }
}
