package dev.millrace.flows.engine;

import dev.millrace.flows.model.Flow;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Finds the flows that another flow runs. Thread-safe, may block. */
@FunctionalInterface
public interface StoredFlows {
  /** Knows no flow. */
  StoredFlows NONE = (flowId, workspaceId) -> Optional.empty();

  /**
   * A flow as it is stored at this moment.
   *
   * @param id its row
   * @param name what the user called it
   * @param type {@code AGENTFLOW}, …
   * @param flow its definition; the same object for as long as it does not change
   * @param apiConfig its override permissions, an empty object when it has none
   * @param chatbotConfig what its owner set for its chats, an empty object when nothing
   */
  record StoredFlow(
      String id,
      String name,
      String type,
      Flow flow,
      ObjectNode apiConfig,
      ObjectNode chatbotConfig) {}

  /**
   * Returns a flow of a workspace, nothing when it has none of that id.
   *
   * @throws FlowException when what is stored cannot be read
   */
  Optional<StoredFlow> find(String flowId, String workspaceId);
}
