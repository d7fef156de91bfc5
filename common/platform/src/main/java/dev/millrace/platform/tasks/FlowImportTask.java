package dev.millrace.platform.tasks;

import dev.millrace.flows.model.FlowFile;
import dev.millrace.flows.model.FlowFile.NamedFlow;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.flows.FlowImport;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code flows:import}: stores the flows of a file, each under a new id. Parameter {@code file}:
 * any export of Flowise or Millrace, as an object or as text. A flow that is refused does not keep
 * the others out; the result names it.
 */
public final class FlowImportTask implements TaskType {
  private final ChatFlowStore flows;
  private final Consumer<ChatFlow> saved;

  /**
   * @param saved is told of each flow that was stored
   */
  public FlowImportTask(ChatFlowStore flows, Consumer<ChatFlow> saved) {
    this.flows = flows;
    this.saved = saved;
  }

  @Override
  public String name() {
    return "flows:import";
  }

  @Override
  public void check(ObjectNode params) {
    try {
      flows(params);
    } catch (FlowFormatException e) {
      throw new IllegalArgumentException("file: " + e.getMessage(), e);
    }
  }

  @Override
  public JsonNode run(ObjectNode params, TaskContext context) {
    var all = flows(params);
    var result = Json.object();
    var created = result.putArray("created");
    var refused = result.putArray("refused");
    for (var i = 0; i < all.size(); i++) {
      context.throwIfCancelled();
      var flow = all.get(i);
      var name = flow.name().isEmpty() ? "Imported " + (i + 1) : flow.name();
      // The same when the task runs again, so that nothing is stored twice.
      var id = UUID.nameUUIDFromBytes((context.id() + "/" + i).getBytes(StandardCharsets.UTF_8));
      try {
        var stored =
            flows
                .find(id.toString())
                .orElseGet(
                    () -> flows.create(id, FlowImport.body(flow, name), context.workspace()));
        saved.accept(stored);
        created.addObject().put("id", stored.id()).put("name", name);
      } catch (InvalidEntityException e) {
        refused.addObject().put("name", name).put("reason", e.getMessage());
      }
      context.progress(i + 1.0, all.size());
    }
    return result;
  }

  private static List<NamedFlow> flows(ObjectNode params) {
    return switch (FlowParser.read(params.path("file"))) {
      case FlowFile.Flows(var flows) -> flows;
      case FlowFile.Tool tool ->
          throw new FlowFormatException("it holds the tool \"" + tool.name() + "\", no flow");
    };
  }
}
