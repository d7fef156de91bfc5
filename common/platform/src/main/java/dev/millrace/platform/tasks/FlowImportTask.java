package dev.millrace.platform.tasks;

import dev.millrace.flows.model.FlowFile;
import dev.millrace.flows.model.FlowFile.NamedFlow;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.WorkspaceParts;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import dev.millrace.platform.flows.FlowImport;
import dev.millrace.platform.flows.LibraryStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code flows:import}: stores what a file holds: flows, each under a new id, and the tools and
 * variables that they use, under the ids that they have. Parameters {@code file}: any export of
 * Flowise or Millrace, or a tool template, as an object or as text; {@code overwrite}: whether
 * tools and variables that are there already are replaced. What is refused does not keep the others
 * out; the result names it.
 */
public final class FlowImportTask implements TaskType {
  private final ChatFlowStore flows;
  private final LibraryStore library;
  private final Consumer<ChatFlow> saved;

  /**
   * @param saved is told of each flow that was stored
   */
  public FlowImportTask(ChatFlowStore flows, LibraryStore library, Consumer<ChatFlow> saved) {
    this.flows = flows;
    this.library = library;
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
    var parts = WorkspaceParts.of(file(params));
    var total = all.size() + parts.tools().size() + parts.variables().size();
    var done = 0;
    var result = Json.object();
    var created = result.putArray("created");
    var refused = result.putArray("refused");
    var overwrite = params.path("overwrite").asBoolean(false);
    // What flows use comes before the flows.
    for (var section : sections(parts)) {
      var rows = result.putArray(section.name());
      for (var i = 0; i < section.rows().size(); i++) {
        context.throwIfCancelled();
        var row = section.rows().get(i);
        var name = row.path("name").asString("");
        try {
          var id = id(context, section.name() + "/" + i);
          var outcome = section.store().store(id, row, context.workspace(), overwrite);
          rows.addObject().put("name", name).put("outcome", outcome.name());
        } catch (InvalidEntityException e) {
          refused.addObject().put("name", name).put("reason", e.getMessage());
        }
        context.progress(++done, total);
      }
    }
    for (var i = 0; i < all.size(); i++) {
      context.throwIfCancelled();
      var flow = all.get(i);
      var name = flow.name().isEmpty() ? "Imported " + (i + 1) : flow.name();
      var id = id(context, Integer.toString(i));
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
      context.progress(++done, total);
    }
    return result;
  }

  /** How rows of one kind are stored. */
  private interface Storing {
    LibraryStore.Outcome store(UUID id, ObjectNode row, String workspace, boolean overwrite);
  }

  private record Section(String name, List<ObjectNode> rows, Storing store) {}

  private List<Section> sections(WorkspaceParts parts) {
    return List.of(
        new Section("tools", parts.tools(), library::tool),
        new Section("variables", parts.variables(), library::variable));
  }

  /** The same when the task runs again, so that nothing is stored twice. */
  private static UUID id(TaskContext context, String place) {
    return UUID.nameUUIDFromBytes((context.id() + "/" + place).getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode file(ObjectNode params) {
    var file = params.path("file");
    return file.isString() ? Json.readOrMissing(file.stringValue()) : file;
  }

  private static List<NamedFlow> flows(ObjectNode params) {
    return switch (FlowParser.read(params.path("file"))) {
      case FlowFile.Flows(var flows) -> flows;
      case FlowFile.Tool _ -> List.of();
    };
  }
}
