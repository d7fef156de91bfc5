package dev.millrace.flows.engine;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One flow runs another, in this process.
 *
 * @param flowId the flow to run
 * @param key tells the calls of one execution of a node apart, and is the same when that execution
 *     is repeated after a crash, so that a call which had ended is not made again: e.g. the id of a
 *     model's tool call, "" when there is only one
 * @param question what it is asked
 * @param overrideConfig as in a request over the API; permitted as there
 * @param chatId the conversation it belongs to; null for that of the calling run
 */
public record FlowCall(
    String flowId,
    String key,
    String question,
    ObjectNode overrideConfig,
    @Nullable String chatId) {}
