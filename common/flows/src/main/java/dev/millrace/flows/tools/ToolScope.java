package dev.millrace.flows.tools;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.Json;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a tool sees of the run it works for.
 *
 * @param node the title of the node that uses it, for messages
 * @param input what the user sent, "" when nothing
 * @param flow {@code $flow} as scripts see it: {@code chatflowId, sessionId, chatId, input, state}
 * @param variables of the workspace
 * @param cancellation ends it
 */
public record ToolScope(
    String node,
    String input,
    ObjectNode flow,
    Map<String, String> variables,
    Cancellation cancellation) {
  private static final List<String> MEMBERS = List.of("chatflowId", "sessionId", "chatId", "state");

  /** Returns the scope of tools that a node uses. */
  public static ToolScope of(NodeContext context) {
    String input = context.finalInput() == null ? "" : context.finalInput();
    ObjectNode flow = Json.object().put("input", input);
    MEMBERS.forEach(member -> flow.set(member, context.flow(member)));
    return new ToolScope(
        context.node().title(), input, flow, context.variables(), context.cancellation());
  }
}
