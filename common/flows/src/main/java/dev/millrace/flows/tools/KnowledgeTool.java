package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ToolSpec;
import dev.millrace.flows.retrieval.Piece;
import dev.millrace.flows.retrieval.Retriever;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Looks something up in what a flow knows: a document store or a vector store. */
public final class KnowledgeTool implements Tool {
  private final Retriever retriever;
  private final boolean tellsSources;
  private final ToolSpec spec;

  /**
   * @param name as users see it
   * @param tellsSources whether the documents become part of the answer
   */
  public KnowledgeTool(String name, String description, boolean tellsSources, Retriever retriever) {
    this.retriever = retriever;
    this.tellsSources = tellsSources;
    this.spec =
        new ToolSpec(
            ToolNames.of(name, "knowledge"),
            description.isEmpty() ? "Looks things up in " + name + "." : description,
            Schemas.text("input", "what to look up, in a full sentence"));
  }

  @Override
  public ToolSpec spec() {
    return spec;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    List<Piece> pieces = retriever.find(arguments.path("input").asString(""), scope.cancellation());
    String text = pieces.stream().map(Piece::text).collect(Collectors.joining("\n\n"));
    var documents = Json.array();
    if (tellsSources) {
      pieces.forEach(piece -> documents.add(piece.toJson()));
    }
    return new ToolResult(text, documents, Json.array(), null);
  }
}
