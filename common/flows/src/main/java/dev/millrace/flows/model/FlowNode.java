package dev.millrace.flows.model;

import tools.jackson.databind.node.ObjectNode;

/**
 * A node of a flow.
 *
 * @param id e.g. {@code llmAgentflow_0}
 * @param name selects the implementation, e.g. {@code llmAgentflow}
 * @param label what the user called it
 * @param data the exported {@code data} object; not changed
 */
public record FlowNode(String id, String name, String label, ObjectNode data) {}
