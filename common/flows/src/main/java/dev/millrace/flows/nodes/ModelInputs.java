package dev.millrace.flows.nodes;

import dev.millrace.flows.model.NodeInputs;
import java.util.List;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The inputs that every node with a chat model has, under a prefix of its own: {@code llmMessages},
 * {@code agentMessages}, ….
 */
record ModelInputs(NodeInputs inputs, String prefix) {
  String name(String suffix) {
    return prefix + suffix;
  }

  ObjectNode values() {
    return inputs.values();
  }

  String text(String suffix) {
    return inputs.text(name(suffix));
  }

  boolean flag(String suffix) {
    return inputs.flag(name(suffix));
  }

  OptionalDouble number(String suffix) {
    return inputs.number(name(suffix));
  }

  List<ObjectNode> rows(String suffix) {
    return inputs.rows(name(suffix));
  }

  /** Returns the node name of the model, "" when none is chosen. */
  String model() {
    return text("Model");
  }

  ObjectNode config() {
    return inputs.object(name("ModelConfig"));
  }

  /** Tells whether the provider's streaming API is used; it is, unless it was turned off. */
  boolean streams() {
    return !isOff(config().path("streaming"));
  }

  /** Returns the name of the model within its provider. */
  String modelName() {
    return modelName(config());
  }

  /** Returns the name of the model that a config chooses, "" when it chooses none. */
  static String modelName(ObjectNode config) {
    for (String member : List.of("customModelName", "customModel", "modelName", "model")) {
      String name = config.path(member).asString("");
      if (!name.isEmpty()) {
        return name;
      }
    }
    return "";
  }

  /** Returns the id of the model's credential, "" when it has none. */
  String credentialId() {
    ObjectNode config = config();
    String id = config.path("FLOWISE_CREDENTIAL_ID").asString("");
    return id.isEmpty() ? config.path("credential").asString("") : id;
  }

  /** Tells whether a switch was turned off; one that was never touched is on. */
  boolean isOff(JsonNode value) {
    return value.isBoolean() ? !value.booleanValue() : value.asString("").equals("false");
  }
}
