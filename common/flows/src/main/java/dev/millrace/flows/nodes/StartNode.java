package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a flow begins: takes the question, the form, the webhook's payload or what the schedule
 * asks, and sets up the state (§3.4, §4.1).
 */
final class StartNode implements NodeRunner {
  /** The form as an object; Flowise keeps only lines of text, from which it cannot be restored. */
  private static final String FORM_DATA = "formData";

  @Override
  public boolean hasEffects() {
    return false;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    NodeInputs inputs = context.inputs();
    ObjectNode input = Json.object();
    ObjectNode output = Json.object();
    switch (inputs.text("startInputType")) {
      case "chatInput" -> question(context, input, output);
      case "formInput" -> form(context, input, output);
      case "webhookTrigger" -> webhook(context, input, output);
      case "scheduleInput" -> schedule(context, input, output);
      default ->
          throw new FlowException(
              "Start node "
                  + context.node().title()
                  + " begins with \""
                  + inputs.text("startInputType")
                  + "\", which this server cannot run. Supported: chatInput, formInput,"
                  + " webhookTrigger, scheduleInput.");
    }
    if (inputs.flag("startEphemeralMemory")) {
      output.put("ephemeralMemory", true);
      context.forgetPast();
    }
    boolean persist = inputs.flag("startPersistState");
    if (persist) {
      output.put("persistState", true);
    }
    ObjectNode state = state(context, persist);
    return new NodeOutcome.Done(new NodeOutcome.Result(input, output, state, List.<ChatTurn>of()));
  }

  private static void question(NodeContext context, ObjectNode input, ObjectNode output) {
    String question = context.finalInput();
    if (question != null) {
      input.put("question", question);
      output.put("question", question);
    }
  }

  /** The payload as the webhook's route made it, and the question if it made one (§3.14). */
  private static void webhook(NodeContext context, ObjectNode input, ObjectNode output) {
    if (!context.request().chatType().equals("WEBHOOK")) {
      throw new FlowException(
          "Start node "
              + context.node().title()
              + " waits for a webhook: call /api/v1/webhook/"
              + context.request().flowId()
              + " instead.");
    }
    input.set("webhook", context.webhook());
    output.set("webhook", context.webhook());
    if (!context.request().text("question").isEmpty()) {
      question(context, input, output);
    }
  }

  /** What the schedule asks: its form, or its text, which may be blank (§4.1). */
  private static void schedule(NodeContext context, ObjectNode input, ObjectNode output) {
    if (!context.request().chatType().equals("SCHEDULED")) {
      throw new FlowException(
          "Start node "
              + context.node().title()
              + " waits for its schedule: only that can run this flow. Choose chatInput to ask it.");
    }
    if (!context.form().isEmpty()) {
      input.set("form", context.form());
      output.set("form", context.form());
      return;
    }
    String question = context.finalInput();
    boolean none = context.inputs().text("scheduleInputMode").equals("none");
    String text =
        none ? " " : question != null ? question : context.inputs().text("scheduleDefaultInput");
    input.put("question", text);
    output.put("question", text);
  }

  private static void form(NodeContext context, ObjectNode input, ObjectNode output) {
    NodeInputs inputs = context.inputs();
    var form = Json.object();
    copy(inputs, "formTitle", form, "title");
    copy(inputs, "formDescription", form, "description");
    copy(inputs, "formInputTypes", form, "inputs");
    input.set("form", form);
    if (context.form().isEmpty()) {
      context.previousRun().ifPresent(run -> context.restoreForm(filledIn(run.records())));
      if (!context.form().isEmpty()) {
        output.set("form", context.form());
        return;
      }
    }
    String lines = context.finalInput();
    if (lines != null) {
      output.put("form", lines);
    }
    if (!context.form().isEmpty()) {
      output.set(FORM_DATA, completed(context));
    }
  }

  /** Fields that were left out have the defaults that the form declares, if it does. */
  private static ObjectNode completed(NodeContext context) {
    ObjectNode form = context.form();
    ObjectNode completed = Json.shallowCopy(form);
    for (ObjectNode field : context.inputs().rows("formInputTypes")) {
      String name = field.path("name").asString("");
      JsonNode value = field.path("default");
      if (!name.isEmpty() && !completed.has(name) && !Json.isFalsy(value)) {
        completed.set(name, value);
      }
    }
    if (completed.size() > form.size()) {
      context.restoreForm(completed);
    }
    return context.form();
  }

  private static void copy(NodeInputs from, String name, ObjectNode to, String as) {
    JsonNode value = from.raw(name);
    if (!value.isMissingNode()) {
      to.set(as, value);
    }
  }

  private static ObjectNode state(NodeContext context, boolean persist) {
    ObjectNode state = Json.object();
    for (ObjectNode row : context.inputs().rows("startState")) {
      String key = row.path("key").asString("");
      if (!key.isEmpty()) {
        JsonNode value = row.path("value");
        state.set(key, value.isMissingNode() ? Json.text("") : value);
      }
    }
    if (persist) {
      context.previousRun().ifPresent(run -> state.setAll(lastState(run.records())));
    }
    return state.setAll(context.stateOverrides());
  }

  private static ObjectNode lastState(ArrayNode records) {
    for (int index = records.size() - 1; index >= 0; index--) {
      if (records.get(index).path("data").path("state") instanceof ObjectNode state) {
        return state;
      }
    }
    return Json.object();
  }

  private static ObjectNode filledIn(ArrayNode records) {
    for (JsonNode record : records) {
      JsonNode output = record.path("data").path("output");
      if (output.path(FORM_DATA) instanceof ObjectNode form) {
        return form;
      }
      if (output.path("form") instanceof ObjectNode form) {
        return form;
      }
      if (output.path("form").isString()) {
        return lines(output.path("form").stringValue());
      }
    }
    return Json.object();
  }

  /** Reads what Flowise stored: a line {@code key: value} for each field. */
  private static ObjectNode lines(String text) {
    var form = Json.object();
    for (String line : text.split("\n", -1)) {
      int colon = line.indexOf(": ");
      if (colon > 0) {
        form.put(line.substring(0, colon), line.substring(colon + 2));
      }
    }
    return form;
  }
}
