package dev.millrace.flows.engine;

import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** What a human is shown who has to decide how a run goes on (§3.9). */
final class Questions {
  private Questions() {}

  /**
   * Returns the {@code humanInputAction} of a pause.
   *
   * @param input of the paused node's record
   */
  static ObjectNode action(FlowNode node, ObjectNode input) {
    ObjectNode action = Json.object().put("id", UUID.randomUUID().toString());
    action.set("mapping", Json.object().put("approve", "Proceed").put("reject", "Reject"));
    action
        .putArray("elements")
        .add(Json.object().put("type", "agentflowv2-approve-button").put("label", "Proceed"))
        .add(Json.object().put("type", "agentflowv2-reject-button").put("label", "Reject"));
    ObjectNode data = Json.object().put("nodeId", node.id()).put("nodeLabel", node.label());
    data.set("input", input);
    action.set("data", data);
    return action;
  }

  /** Returns what the record of a pause asks. */
  static ObjectNode of(NodeRecord paused) {
    return paused.data().path("output").path("humanInputAction") instanceof ObjectNode action
        ? action
        : Json.object();
  }

  /**
   * Returns a conversation of a run as it is after a pause: the store holds the question and the
   * answer of each request of the run, and the answer of a pause often repeats what was said last;
   * so what is stored stands for what it tells, and only the rest is kept beside it.
   *
   * @param said on the path to the pause, in order
   * @param stored of this run, in order
   */
  static List<ChatTurn> asTold(List<ChatTurn> said, List<ChatTurn> stored) {
    var told = new ArrayList<ChatTurn>();
    int from = 0;
    for (ChatTurn message : stored) {
      int same = from;
      while (same < said.size() && !said.get(same).content().equals(message.content())) {
        same++;
      }
      if (same < said.size()) {
        said.subList(from, same).stream()
            .filter(turn -> !message.content().contains(turn.content()))
            .forEach(told::add);
        from = same + 1;
      }
      told.add(message.asStored());
    }
    told.addAll(said.subList(Math.min(from, said.size()), said.size()));
    return told;
  }
}
