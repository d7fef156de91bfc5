package dev.millrace.flows.models;

import tools.jackson.databind.node.ObjectNode;

/**
 * What a model is told of a function that it may call.
 *
 * @param name of letters, digits, {@code _} and {@code -}, at most 64
 * @param description when to call it, and what for
 * @param parameters a JSON Schema of type object
 */
public record ToolSpec(String name, String description, ObjectNode parameters) {}
