package dev.millrace.platform.prediction;

import dev.millrace.flows.engine.StoredFlows;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import java.util.Optional;

/** Finds the flows that other flows run as they are stored now, parsed once. */
final class CalledFlows implements StoredFlows {
  private final ChatFlowStore store;
  private final FlowSnapshots snapshots;

  CalledFlows(ChatFlowStore store, FlowSnapshots snapshots) {
    this.store = store;
    this.snapshots = snapshots;
  }

  @Override
  public Optional<StoredFlow> find(String flowId, String workspaceId) {
    return store
        .find(flowId)
        .filter(flow -> flow.workspaceId().equals(workspaceId))
        .map(this::parsed);
  }

  private StoredFlow parsed(ChatFlow row) {
    var snapshot = snapshots.get(PredictionJob.rowJson(row.toJson()));
    return new StoredFlow(
        row.id(),
        row.name(),
        row.type(),
        snapshot.flow(),
        snapshot.apiConfig(),
        snapshot.chatbotConfig());
  }
}
