package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels.Answer;
import dev.millrace.flows.models.ChatModels.ChatListener;
import dev.millrace.flows.models.ToolRound;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** How an agent ends its work for now: with an answer, or with a question to a human. */
final class AgentEnding {
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
  private final @Nullable Speaker speaker;
  private final List<ObjectNode> fields;
  private final long start;

  /**
   * @param speaker who has said the answer already as it came; null when nobody has
   */
  AgentEnding(
      NodeContext context,
      ModelInputs inputs,
      ModelCall model,
      AgentTools tools,
      InstantSource clock,
      @Nullable Speaker speaker) {
    this.context = context;
    this.inputs = inputs;
    this.model = model;
    this.tools = tools;
    this.clock = clock;
    this.speaker = speaker;
    this.fields = inputs.rows("StructuredOutput");
    this.start = clock.millis();
  }

  /** Asks a human whether the tools that are pending may be used. */
  NodeOutcome pause(AgentState state) {
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

  /**
   * Answers.
   *
   * @param answer of the model; null when a tool's result is the answer
   */
  NodeOutcome finish(AgentState state, @Nullable Answer answer, String said) {
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
      long seconds = speaker == null ? 0 : speaker.thinkingSeconds();
      output.set("reasonContent", reason.put("thinkingDuration", seconds));
    }
    if (speaker != null) {
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
    ModelRecord.put(output, "usedTools", state.usedTools);
    ModelRecord.put(output, "sourceDocuments", state.sourceDocuments);
    ModelRecord.put(output, "artifacts", state.artifacts);
    ModelRecord.put(output, "fileAnnotations", state.fileAnnotations);
    ModelRecord.put(output, "availableTools", tools.described());
  }

  private @Nullable ObjectNode extra(AgentState state) {
    ObjectNode extra = Json.object();
    ModelRecord.put(extra, "artifacts", state.artifacts);
    ModelRecord.put(extra, "fileAnnotations", state.fileAnnotations);
    ModelRecord.put(extra, "usedTools", state.usedTools);
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
