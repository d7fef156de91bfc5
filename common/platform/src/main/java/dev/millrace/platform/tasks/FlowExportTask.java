package dev.millrace.platform.tasks;

import dev.millrace.flows.model.Json;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.flows.FlowExport;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code flows:export}: the flows of a workspace in one file, without their secrets, in the form
 * that Flowise's import takes. Parameter {@code flowIds}: only these; all when it is absent.
 */
public final class FlowExportTask implements TaskType {
  private static final Map<String, String> SECTIONS =
      Map.of(
          "AGENTFLOW",
          "AgentFlowV2",
          "MULTIAGENT",
          "AgentFlow",
          "CHATFLOW",
          "ChatFlow",
          "ASSISTANT",
          "AssistantFlow");

  private final ChatFlowStore flows;

  public FlowExportTask(ChatFlowStore flows) {
    this.flows = flows;
  }

  @Override
  public String name() {
    return "flows:export";
  }

  @Override
  public void check(ObjectNode params) {
    var ids = params.path("flowIds");
    if (!ids.isMissingNode()
        && !(ids.isArray() && ids.valueStream().allMatch(JsonNode::isString))) {
      throw new IllegalArgumentException("flowIds has to be a list of ids");
    }
  }

  @Override
  public JsonNode run(ObjectNode params, TaskContext context) {
    var rows = rows(params, context.workspace());
    var file = Json.object();
    SECTIONS.values().stream().sorted().forEach(file::putArray);
    var done = 0;
    for (var flow : rows) {
      context.throwIfCancelled();
      var row = flow.toJson();
      row.put("flowData", FlowExport.of(row).toString());
      row.remove(List.of("workspaceId", "apikeyid", "webhookSecret", "webhookSecretConfigured"));
      file.withArray(SECTIONS.getOrDefault(flow.type(), "ChatFlow")).add(row);
      context.progress(++done, rows.size());
    }
    var bytes = Json.pretty(file).getBytes(StandardCharsets.UTF_8);
    context.file("flows.json", "application/json", bytes);
    return Json.object().put("flows", done).put("bytes", bytes.length);
  }

  private List<ChatFlow> rows(ObjectNode params, String workspace) {
    var all = flows.list(new ChatFlowStore.Filter(workspace, null, 0, 0)).data();
    if (!params.has("flowIds")) {
      return all;
    }
    Set<String> wanted = new HashSet<>();
    params.path("flowIds").forEach(id -> wanted.add(id.asString("")));
    var found = all.stream().filter(flow -> wanted.remove(flow.id())).toList();
    if (!wanted.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no flow " + String.join(", ", wanted) + " in this workspace");
    }
    return found;
  }
}
