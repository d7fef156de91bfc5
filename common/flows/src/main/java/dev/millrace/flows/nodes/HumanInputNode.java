package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.Conversation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.HumanAnswer;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.flows.models.ChatModels;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Asks a human whether and how to go on, and goes on when the answer is there (§4.8). */
final class HumanInputNode implements NodeRunner {
  private static final String UNSET_QUESTION = "Do you want to proceed?";

  private static final String UNSET_PROMPT =
      """
      Somebody has to decide whether the conversation above may go on. Sum it up for them in a few
      sentences. Then repeat the last message of the assistant word for word. End by asking whether
      to proceed, or what should be different.
      """;

  private final ChatModels models;
  private final Prices prices;
  private final InstantSource clock;

  HumanInputNode(ChatModels models, Prices prices, InstantSource clock) {
    this.models = models;
    this.prices = prices;
    this.clock = clock;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    HumanAnswer answer = context.humanInput();
    if (answer != null) {
      return answered(context, answer);
    }
    try {
      return asked(context);
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      throw new FlowException("Error in Human Input node: " + e.getMessage(), e);
    }
  }

  private NodeOutcome asked(NodeContext context) {
    NodeInputs inputs = context.inputs();
    String question =
        inputs.text("humanInputDescriptionType").equals("dynamic")
            ? written(context)
            : fixed(context);
    ObjectNode input = Json.object();
    input.set("messages", conversation(context));
    input.put("humanInputEnableFeedback", mayComment(inputs));
    ObjectNode output = Json.object().put("content", question);
    return new NodeOutcome.Paused(
        new NodeOutcome.Result(input, output, null, List.of(new ChatTurn("assistant", question))));
  }

  private static String fixed(NodeContext context) {
    String question = context.inputs().text("humanInputDescription");
    if (question.isEmpty()) {
      question = UNSET_QUESTION;
    }
    var said = new ArrayList<>(context.pastHistory());
    said.addAll(context.runHistory());
    String text = said.isEmpty() ? question : said.getLast().content() + "\n\n" + question;
    context.events().token(text);
    return text;
  }

  private String written(NodeContext context) {
    var inputs = new ModelInputs(context.inputs(), "humanInput");
    var messages = new ArrayList<>(context.pastHistory());
    messages.addAll(context.runHistory());
    String prompt = inputs.text("ModelPrompt");
    messages.add(new ChatTurn("user", prompt.isEmpty() ? UNSET_PROMPT : prompt));
    boolean stream = context.events().heard() && inputs.streams();
    var speaker = new Speaker(context.events(), clock);
    var call = new ModelCall(models, prices, context, inputs);
    ChatModels.Answer answer =
        call.answer(messages, null, stream ? speaker : ChatModels.ChatListener.NONE);
    if (stream) {
      speaker.finish(Prices.without(answer.usage()));
    } else {
      context.events().token(answer.text());
    }
    return answer.text();
  }

  private static NodeOutcome answered(NodeContext context, HumanAnswer answer) {
    String feedback = answer.feedback();
    answer.check(context.node().title());
    String text = feedback == null ? answer.type() : feedback;
    String nodeId = context.node().id();
    ObjectNode input = Json.object().put("type", answer.type()).put("startNodeId", nodeId);
    if (feedback != null) {
      input.put("feedback", feedback);
    }
    ArrayNode messages = conversation(context);
    messages.add(Json.object().put("role", "user").put("content", text));
    input.set("messages", messages);

    ObjectNode output = Json.object().put("content", text);
    ArrayNode conditions = output.putArray("conditions");
    boolean comments = feedback != null && mayComment(context.inputs());
    for (String type : List.of(HumanAnswer.PROCEED, HumanAnswer.REJECT)) {
      ObjectNode condition = Json.object().put("type", type).put("startNodeId", nodeId);
      if (comments) {
        condition.put("feedback", feedback);
      }
      conditions.add(condition.put("isFulfilled", type.equals(answer.type())));
    }
    var said = new ArrayList<ChatTurn>();
    if (feedback != null) {
      said.add(new ChatTurn("user", feedback));
    }
    var result = new NodeOutcome.Result(input, output, null, said);
    return new NodeOutcome.Branched(result, List.of(answer.proceeds(), !answer.proceeds()));
  }

  private static boolean mayComment(NodeInputs inputs) {
    JsonNode value = inputs.raw("humanInputEnableFeedback");
    return !Json.isFalsy(value) && !value.asString("").equals("false");
  }

  private static ArrayNode conversation(NodeContext context) {
    ArrayNode messages = Conversation.stored(context.pastHistory());
    return messages.addAll(Conversation.said(context.runHistory()));
  }
}
