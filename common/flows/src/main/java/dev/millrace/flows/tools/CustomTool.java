package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowStore;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.models.ToolSpec;
import dev.millrace.flows.script.ScriptSandbox;
import java.util.HashMap;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs a function that a user wrote and stored ({@code customTool}). */
final class CustomTool implements Tool {
  private final ScriptSandbox scripts;
  private final String code;
  private final boolean returnDirect;
  private final ToolSpec spec;

  private CustomTool(ScriptSandbox scripts, String code, boolean returnDirect, ToolSpec spec) {
    this.scripts = scripts;
    this.code = code;
    this.returnDirect = returnDirect;
    this.spec = spec;
  }

  static ToolMaker maker(ScriptSandbox scripts) {
    return order -> {
      String id = order.required("selectedTool");
      FlowStore.StoredTool stored =
          order
              .context()
              .storedTool(id)
              .orElseThrow(() ->
                  order.wrong(
                      "there is no stored tool with the id "
                          + id
                          + " in this workspace: choose"
                          + " another, or import it"));
      String name = ToolNames.keep(order.text("customToolName", stored.name()), "custom_tool");
      String description = order.text("customToolDesc", stored.description());
      String code = order.text("customToolFunc", stored.code());
      if (code.isBlank()) {
        throw order.wrong("the stored tool \"" + stored.name() + "\" has no function");
      }
      String own = order.text("customToolSchema");
      ObjectNode schema =
          own.isEmpty()
              ? rows(stored.schema(), order, "the schema of the stored tool")
              : schema(own, order);
      var spec = new ToolSpec(name, description, schema);
      return List.of(new CustomTool(scripts, code, order.config().flag("returnDirect"), spec));
    };
  }

  /** Reads what a flow says instead of the stored tool: calls of Zod, or rows as well. */
  private static ObjectNode schema(String text, ToolOrder order) {
    if (text.startsWith("[")) {
      return rows(text, order, "customToolSchema");
    }
    try {
      return ZodSchema.read(text);
    } catch (IllegalArgumentException e) {
      throw order.wrong("customToolSchema is no schema that can be read: " + e.getMessage());
    }
  }

  /** Reads the rows {@code {property, type, description, required}}. */
  private static ObjectNode rows(String text, ToolOrder order, String what) {
    JsonNode rows = text.isBlank() ? Json.array() : LooseJson.read(text);
    if (!rows.isArray()) {
      throw order.wrong(what + " is not a JSON array");
    }
    ObjectNode fields = Json.object();
    for (JsonNode row : rows) {
      String property = row.path("property").asString("");
      if (!property.isEmpty()) {
        fields.set(property, row);
      }
    }
    return Schemas.of(fields);
  }

  @Override
  public ToolSpec spec() {
    return spec;
  }

  @Override
  public boolean returnDirect() {
    return returnDirect;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    var globals = new HashMap<String, JsonNode>();
    globals.put("$input", Json.text(""));
    globals.put("$flow", scope.flow());
    var variables = Json.object();
    scope.variables().forEach(variables::put);
    globals.put("$vars", variables);
    arguments.properties().forEach(member -> globals.put("$" + member.getKey(), member.getValue()));
    // What the model left out is undefined, and not an unknown name.
    spec.parameters()
        .path("properties")
        .propertyNames()
        .forEach(name ->
            globals.putIfAbsent("$" + name, tools.jackson.databind.node.MissingNode.getInstance()));
    JsonNode result = scripts.run(new ScriptSandbox.Script(code, globals), scope.cancellation());
    return ToolResult.text(JsonText.of(result));
  }
}
