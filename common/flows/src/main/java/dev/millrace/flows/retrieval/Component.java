package dev.millrace.flows.retrieval;

import dev.millrace.flows.model.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A part of a document store as Flowise writes it: a loader, a splitter, an embedding model or a
 * vector store.
 *
 * @param name of its node, e.g. {@code recursiveCharacterTextSplitter}
 * @param config its inputs as exported; not changed
 */
public record Component(String name, ObjectNode config) {
  /**
   * Reads {@code {name, config?}}.
   *
   * @param parameter what it is called, for messages
   * @throws IllegalArgumentException when it is something else
   */
  public static Component of(JsonNode json, String parameter) {
    String name = json.path("name").asString("");
    JsonNode config = json.path("config");
    if (name.isEmpty()) {
      throw new IllegalArgumentException(parameter + " has to be an object {name, config}");
    }
    if (!config.isMissingNode() && !config.isNull() && !config.isObject()) {
      throw new IllegalArgumentException(parameter + ".config has to be an object");
    }
    return new Component(name, config instanceof ObjectNode object ? object : Json.object());
  }

  /** Returns a component whose inputs are these, and where they lack something its own. */
  public Component with(ObjectNode inputs) {
    return new Component(name, Json.shallowCopy(config).setAll(inputs));
  }

  /** Returns {@code {name, config}}. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object().put("name", name);
    json.set("config", config);
    return json;
  }

  @Override
  public String toString() {
    return name; // the rest may be secret
  }
}
