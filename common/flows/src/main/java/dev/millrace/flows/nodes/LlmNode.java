package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.ChatModels.ChatListener;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Asks a chat model once (§4.2). */
final class LlmNode implements NodeRunner {
  private final ChatModels models;
  private final Prices prices;
  private final InstantSource clock;

  LlmNode(ChatModels models, Prices prices, InstantSource clock) {
    this.models = models;
    this.prices = prices;
    this.clock = clock;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    try {
      return new NodeOutcome.Done(ask(context, new ModelInputs(context.inputs(), "llm")));
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      throw new FlowException("Error in LLM node: " + e.getMessage(), e);
    }
  }

  private NodeOutcome.Result ask(NodeContext context, ModelInputs inputs) {
    ModelCall call = new ModelCall(models, prices, context, inputs);
    Prompt prompt = new PromptBuilder(context, inputs, call::summary).build();
    List<ObjectNode> fields = inputs.rows("StructuredOutput");
    ObjectNode schema = fields.isEmpty() ? null : StructuredOutput.schema(fields);
    boolean stream = context.isLast() && schema == null && inputs.streams();
    var speaker = new Speaker(context.events(), clock);

    long start = clock.millis();
    ChatModels.Answer answer =
        call.answer(prompt.turns(), schema, stream ? speaker : ChatListener.NONE);
    long end = clock.millis();

    String text = answer.text();
    ObjectNode structured = Json.object();
    if (schema != null) {
      structured = StructuredOutput.of(answer, context, inputs);
      text = Json.pretty(structured);
    }
    ObjectNode output = Json.object().put("content", text);
    output.set("timeMetadata", ModelRecord.time(start, end));
    ObjectNode usage = call.usageWith(answer.usage());
    if (schema == null) {
      output.set("calledTools", Json.array());
    }
    if (!usage.isEmpty()) {
      output.set("usageMetadata", usage);
    }
    if (schema == null && !answer.response().isEmpty()) {
      output.set("responseMetadata", answer.response());
    }
    for (Map.Entry<String, JsonNode> member : structured.properties()) {
      output.set(member.getKey(), member.getValue());
    }
    ArrayNode artifacts = Json.array();
    ArrayNode annotations = Json.array();
    MadeFiles.add(answer.made(), artifacts, annotations);
    ModelRecord.put(output, "artifacts", artifacts);
    ModelRecord.put(output, "fileAnnotations", annotations);
    if (answer.thinking() != null) {
      var reason = Json.object().put("thinking", answer.thinking());
      output.set("reasonContent", reason.put("thinkingDuration", speaker.thinkingSeconds()));
    }
    if (stream) {
      speaker.finish(Prices.without(usage));
    } else if (context.isLast()) {
      context.events().token(text);
    }
    if (context.isLast() && !artifacts.isEmpty()) {
      context.events().artifacts(artifacts);
    }
    ObjectNode state = context.stateAfter(inputs.name("UpdateState"), Json.text(text));
    ObjectNode extra = Json.object();
    ModelRecord.put(extra, "artifacts", artifacts);
    List<ChatTurn> said =
        ModelRecord.said(
            context, inputs, prompt.configuredUserTurns(), text, extra.isEmpty() ? null : extra);
    return new NodeOutcome.Result(ModelRecord.input(inputs, prompt.json()), output, state, said);
  }
}
