package dev.millrace.platform.runs;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.JournalEntry;
import dev.millrace.flows.engine.NodeRecord;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import dev.millrace.flows.model.Flow;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Builds requests and results for tests. */
final class Runs {
  static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Runs() {}

  static RunRequest request(String flowId, String workspaceId, String sessionId, String input) {
    return request(UUID.randomUUID(), flowId, workspaceId, sessionId, input, START);
  }

  static RunRequest request(
      UUID runId,
      String flowId,
      String workspaceId,
      String sessionId,
      String input,
      Instant startedAt) {
    return new RunRequest(
        runId,
        UUID.nameUUIDFromBytes(runId.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
        new Flow(List.of(), List.of()),
        flowId,
        workspaceId,
        "chat-" + sessionId,
        sessionId,
        true,
        object(input),
        JsonNodeFactory.instance.objectNode(),
        false,
        "EXTERNAL",
        startedAt);
  }

  /** Returns the request that goes on with a run. */
  static RunRequest again(RunRequest first, String sent, Instant startedAt) {
    return new RunRequest(
        first.runId(),
        UUID.randomUUID(),
        first.flow(),
        first.flowId(),
        first.workspaceId(),
        first.chatId(),
        first.sessionId(),
        false,
        first.input(),
        object(sent),
        first.apiConfig(),
        first.chatbotConfig(),
        false,
        first.chatType(),
        startedAt);
  }

  static JournalEntry entry(String id, String output) {
    return entry(id, RunStatus.FINISHED, new JournalEntry.Outcome.Done(null, false), output);
  }

  static JournalEntry paused(String id) {
    return entry(
        id,
        RunStatus.STOPPED,
        new JournalEntry.Outcome.Paused(object("{\"kept\":1}")),
        "{\"content\":\"sure?\",\"humanInputAction\":{\"id\":\"action of " + id + "\"}}");
  }

  private static JournalEntry entry(
      String id, RunStatus status, JournalEntry.Outcome outcome, String output) {
    return new JournalEntry(
        id + "#0",
        node(id, status, output),
        outcome,
        List.of(new ChatTurn("user", "said by " + id)),
        List.of(),
        "hash",
        1,
        2);
  }

  static NodeRecord node(String id, RunStatus status, String output) {
    var data = JsonNodeFactory.instance.objectNode();
    data.put("id", id);
    data.set("output", object(output));
    return new NodeRecord(id, "Label of " + id, data, List.of("startAgentflow_0"), status);
  }

  static RunResult finished(String text) {
    return result(RunStatus.FINISHED, text, null);
  }

  static RunResult result(RunStatus status, String text, @Nullable String action) {
    return new RunResult(
        status,
        text,
        List.of(node("llmAgentflow_0", status, "{\"content\":\"x\",\"usedTools\":[{\"tool\":1}]}")),
        action == null ? null : object(action),
        status == RunStatus.ERROR ? "it broke" : null);
  }

  static ObjectNode object(String json) {
    return (ObjectNode) JSON.readTree(json);
  }
}
