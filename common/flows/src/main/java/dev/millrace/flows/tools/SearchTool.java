package dev.millrace.flows.tools;

import dev.millrace.flows.models.ToolSpec;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Asks something about a text, by one HTTP call to whoever knows. */
final class SearchTool implements Tool {
  /** Finds the answer to a question. */
  @FunctionalInterface
  interface Source {
    String find(String question, ToolScope scope);
  }

  private final ToolSpec spec;
  private final Source source;

  private SearchTool(ToolSpec spec, Source source) {
    this.spec = spec;
    this.source = source;
  }

  static List<Tool> of(String name, String description, Source source) {
    var spec = new ToolSpec(name, description, Schemas.text("input", "what to search for"));
    return List.of(new SearchTool(spec, source));
  }

  @Override
  public ToolSpec spec() {
    return spec;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    return ToolResult.text(source.find(arguments.path("input").asString(""), scope));
  }
}
