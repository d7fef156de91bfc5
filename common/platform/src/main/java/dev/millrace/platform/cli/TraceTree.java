package dev.millrace.platform.cli;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.ArrayList;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Shows the records of a run, one line each, what ran inside a container below it. */
final class TraceTree {
  private static final int LONGEST = 100;

  private TraceTree() {}

  /** Returns the records of an answer, of an execution's row, or of a file that is nothing else. */
  static JsonNode records(JsonNode execution) {
    var data = execution.path("executionData");
    if (data.isString()) {
      data = Json.readOrMissing(data.stringValue());
    }
    for (var records : new JsonNode[] {execution, data, execution.path("agentFlowExecutedData")}) {
      if (records.isArray()) {
        return records;
      }
    }
    throw new CliException("this is no execution: it has neither executionData nor records");
  }

  static String of(JsonNode records) {
    var out = new StringBuilder();
    // Records of what is inside a container come before the container's own.
    var inside = new ArrayList<JsonNode>();
    for (var record : records) {
      if (record.path("data").has("parentNodeId")) {
        inside.add(record);
        continue;
      }
      line(out, record, 0);
      var id = record.path("nodeId").asString("");
      var mine = inside.stream().filter(each -> belongs(each, id, inside)).toList();
      mine.forEach(each -> line(out, each, depth(each, inside)));
      inside.removeAll(mine);
    }
    inside.forEach(record -> line(out, record, 1));
    return out.toString();
  }

  private static String parent(JsonNode record) {
    return record.path("data").path("parentNodeId").asString("");
  }

  private static boolean belongs(JsonNode record, String container, Iterable<JsonNode> all) {
    var parent = parent(record);
    if (parent.equals(container)) {
      return true;
    }
    for (var other : all) {
      if (other.path("nodeId").asString("").equals(parent)) {
        return parent(other).equals(container);
      }
    }
    return false;
  }

  private static int depth(JsonNode record, Iterable<JsonNode> all) {
    for (var other : all) {
      if (other.path("nodeId").asString("").equals(parent(record))) {
        return 2;
      }
    }
    return 1;
  }

  private static void line(StringBuilder out, JsonNode record, int depth) {
    var data = record.path("data");
    out.repeat("    ", depth);
    var index = data.path("iterationIndex");
    if (!index.isMissingNode()) {
      out.append('[').append(index.asInt(0)).append("] ");
    }
    out.append(record.path("status").asString("?").toLowerCase(Locale.ROOT)).append("  ");
    out.append(record.path("nodeLabel").asString("")).append("  (");
    out.append(record.path("nodeId").asString("")).append(')');
    var output = data.path("output");
    var time = output.path("timeMetadata").path("delta");
    if (time.isNumber()) {
      out.append("  ").append(time.asLong(0)).append(" ms");
    }
    var tokens = output.path("usageMetadata").path("total_tokens");
    if (tokens.isNumber()) {
      out.append("  ").append(tokens.asLong(0)).append(" tokens");
    }
    out.append(said(data, output)).append('\n');
  }

  private static String said(JsonNode data, JsonNode output) {
    if (data.has("error")) {
      return "  ! " + shortened(data.path("error").asString(""));
    }
    for (var i = 0; i < output.path("conditions").size(); i++) {
      if (output.path("conditions").path(i).path("isFulfilled").asBoolean(false)) {
        return "  → output " + i;
      }
    }
    var http = output.path("http").path("status");
    if (http.isNumber()) {
      return "  → HTTP " + http.asInt(0);
    }
    var content = output.path("content");
    var text = content.isMissingNode() ? output.path("question") : content;
    return text.isMissingNode() ? "" : "  → " + shortened(JsonText.of(text));
  }

  private static String shortened(String text) {
    var line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
