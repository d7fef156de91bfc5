package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One tool as a node asks for it.
 *
 * @param kind the name of its component, e.g. {@code requestsGet}
 * @param config its inputs, templates filled in; what is absent may be in the credential
 * @param credential decrypted, an empty object when there is none
 * @param parameter the input of the node that asks for it, for messages
 * @param context the node's
 */
record ToolOrder(
    String kind, NodeInputs config, ObjectNode credential, String parameter, NodeContext context) {
  static ToolOrder of(String kind, ObjectNode config, String parameter, NodeContext context) {
    String id = config.path("FLOWISE_CREDENTIAL_ID").asString("");
    id = id.isEmpty() ? config.path("credential").asString("") : id;
    return new ToolOrder(kind, new NodeInputs(config), context.credential(id), parameter, context);
  }

  /** Returns a text of the config, then of the credential; "" when neither has it. */
  String text(String name) {
    String own = config.text(name).strip();
    if (!own.isEmpty()) {
      return own;
    }
    JsonNode secret = credential.path(name);
    return secret.isValueNode() && !secret.isNull() ? secret.asString("").strip() : "";
  }

  /** As {@link #text}, with another value when it is unset. */
  String text(String name, String otherwise) {
    String text = text(name);
    return text.isEmpty() ? otherwise : text;
  }

  /** As {@link #text}, of something the tool cannot do without. */
  String required(String name) {
    String text = text(name);
    if (text.isEmpty()) {
      throw wrong(name + " is not set, neither in its settings nor in its credential");
    }
    return text;
  }

  int number(String name, int otherwise) {
    String text = text(name);
    try {
      return text.isEmpty() ? otherwise : (int) Math.clamp(Double.parseDouble(text), 0, 1e9);
    } catch (NumberFormatException e) {
      throw wrong(name + " is \"" + text + "\", which is not a number");
    }
  }

  /** Returns an object, which may be JSON in text; an empty one when it is unset. */
  ObjectNode object(String name) {
    JsonNode value = config.raw(name);
    if (value.isString()) {
      String text = value.stringValue().strip();
      value = text.isEmpty() ? Json.object() : LooseJson.read(text);
    }
    if (Json.isFalsy(value)) {
      return Json.object();
    }
    if (value instanceof ObjectNode object) {
      return object;
    }
    throw wrong(name + " is not a JSON object");
  }

  /** Returns a value, of a text what it holds as JSON; a missing node when it is unset. */
  JsonNode json(String name) {
    return json(name, text -> text);
  }

  /** Returns the texts of a list, which may be JSON in text; none when it is unset. */
  Set<String> names(String name) {
    return json(name).valueStream().map(item -> item.asString("")).collect(Collectors.toSet());
  }

  /** As {@link #json(String)}, of a text that has to be changed first. */
  JsonNode json(String name, UnaryOperator<String> change) {
    JsonNode value = config.raw(name);
    if (!value.isString()) {
      return value;
    }
    String text = change.apply(value.stringValue()).strip();
    JsonNode read = LooseJson.read(text);
    if (read.isMissingNode() && !text.isEmpty()) {
      throw wrong(name + " is not valid JSON");
    }
    return read;
  }

  FlowException wrong(String what) {
    return new FlowException(
        "Tool \""
            + kind
            + "\" ("
            + parameter
            + ") of node "
            + context.node().title()
            + ": "
            + what
            + ".");
  }
}
