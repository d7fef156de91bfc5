package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.engine.NodeRunner;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.flows.retrieval.Piece;
import dev.millrace.flows.retrieval.Retrievers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Looks a question up in document stores (§4.5), in all of those that are named. */
final class RetrieverNode implements NodeRunner {
  private static final String STORES = "retrieverKnowledgeDocumentStores";

  private final Retrievers retrievers;

  RetrieverNode(Retrievers retrievers) {
    this.retrievers = retrievers;
  }

  @Override
  public NodeOutcome run(NodeContext context) {
    NodeInputs inputs = context.inputs();
    String asked = inputs.text("retrieverQuery");
    if (asked.isEmpty()) {
      asked = context.finalInput() == null ? "" : context.finalInput();
    }
    List<ObjectNode> stores = inputs.rows(STORES);
    if (stores.isEmpty()) {
      throw new FlowException(
          "Retriever node "
              + context.node().title()
              + " has no document store ("
              + STORES
              + "): choose one.");
    }
    var pieces = new ArrayList<Piece>();
    for (ObjectNode store : stores) {
      String reference = store.path("documentStore").asString("");
      pieces.addAll(retrievers.ofDocuments(reference, context).find(asked, context.cancellation()));
    }
    String text = text(pieces, inputs.text("outputFormat"));
    ObjectNode output = Json.object().put("content", text);
    if (context.isLast()) {
      context.events().token(text);
    }
    ObjectNode state = context.stateAfter("retrieverUpdateState", Json.text(text));
    ObjectNode input = Json.object().put("question", asked);
    return new NodeOutcome.Done(new NodeOutcome.Result(input, output, state, List.of()));
  }

  private static String text(List<Piece> pieces, String format) {
    if (format.equals("textWithMetadata")) {
      ArrayNode documents = Json.array();
      pieces.forEach(piece -> documents.add(piece.toJson()));
      return Json.pretty(documents);
    }
    return pieces.stream().map(Piece::text).collect(Collectors.joining("\n"));
  }
}
