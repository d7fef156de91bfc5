package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A component of a flow or a document store: its name, its inputs, and its credential, in which
 * what is absent from the inputs may be.
 *
 * @param owner the title of the node and its input, for messages
 */
record StoreConfig(String name, ObjectNode inputs, ObjectNode credential, String owner) {
  static StoreConfig of(String name, ObjectNode inputs, String owner, NodeContext context) {
    String id = inputs.path("FLOWISE_CREDENTIAL_ID").asString("");
    id = id.isEmpty() ? inputs.path("credential").asString("") : id;
    return new StoreConfig(name, inputs, context.credential(id), owner);
  }

  String text(String key, String otherwise) {
    JsonNode value = inputs.path(key);
    String text = value.isValueNode() ? JsonText.of(value).strip() : "";
    if (text.isEmpty()) {
      JsonNode secret = credential.path(key);
      text = secret.isValueNode() ? JsonText.of(secret).strip() : "";
    }
    return text.isEmpty() ? otherwise : text;
  }

  String required(String key) {
    String text = text(key, "");
    if (text.isEmpty()) {
      throw wrong(key + " is not set, neither in its settings nor in its credential");
    }
    return text;
  }

  double number(String key, double otherwise) {
    String text = text(key, "");
    try {
      return text.isEmpty() ? otherwise : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw wrong(key + " is \"" + text + "\", which is not a number");
    }
  }

  /** Returns an object, which may be JSON in text; an empty one when it is unset. */
  ObjectNode object(String key) {
    JsonNode value = inputs.path(key);
    if (value.isString() && !value.stringValue().isBlank()) {
      value = Json.readOrMissing(value.stringValue());
      if (!value.isObject()) {
        throw wrong(key + " is not a JSON object");
      }
    }
    return value instanceof ObjectNode object ? object : Json.object();
  }

  FlowException wrong(String what) {
    return new FlowException("\"" + name + "\" of " + owner + ": " + what + ".");
  }
}
