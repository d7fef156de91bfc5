package dev.millrace.platform.prediction;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.trigger.StartedBy;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.flows.ChatFlow;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Makes jobs of stored flows, for whoever starts runs. Thread-safe. */
public final class FlowJobs {
  private final Workspaces workspaces;
  private final JsonMapper json;
  // What a job says of its flow is some 50 KB; it is rendered once for each state of the flow.
  private final Cache<ChatFlow, Rendered> rendered = Caffeine.newBuilder().weakKeys().build();

  private record Rendered(String chatflowJson, String orgId, Optional<String> refusal) {}

  public FlowJobs(Workspaces workspaces, JsonMapper json) {
    this.workspaces = workspaces;
    this.json = json;
  }

  /** Returns why nobody can ask a flow a question, and what to do instead; nothing if they can. */
  public Optional<String> refusal(ChatFlow flow) {
    return rendered.get(flow, this::render).refusal();
  }

  /**
   * Makes a job.
   *
   * @param flow as it is now; the job runs it so, whatever becomes of it meanwhile
   * @param input what a request's body would be
   * @param baseUrl the address of the server, "" when nobody asked over HTTP
   * @param chatType {@code WEBHOOK}, {@code SCHEDULED}, …; null for an ordinary prediction
   * @throws IllegalStateException when the flow's workspace is gone
   */
  public PredictionJob job(
      ChatFlow flow,
      PredictionJob.Ids ids,
      ObjectNode input,
      String chatId,
      String baseUrl,
      @Nullable String chatType) {
    var known = rendered.get(flow, this::render);
    return new PredictionJob(
        ids,
        input,
        flow.id(),
        known.chatflowJson(),
        chatId,
        baseUrl,
        false,
        known.orgId(),
        flow.workspaceId(),
        chatType);
  }

  private Rendered render(ChatFlow flow) {
    // The id goes first: a worker looks for it without reading the rest.
    var row = json.createObjectNode().put("id", flow.id());
    row.setAll(flow.toJson());
    row.remove("webhookSecret");
    var workspace =
        workspaces
            .find(flow.workspaceId())
            .orElseThrow(() ->
                new IllegalStateException(
                    "workspace " + flow.workspaceId() + " of flow " + flow.id() + " is gone"));
    return new Rendered(
        PredictionJob.rowJson(row), workspace.organizationId(), startedOtherwise(flow));
  }

  private static Optional<String> startedOtherwise(ChatFlow flow) {
    if (!flow.type().equals("AGENTFLOW")) {
      return Optional.empty();
    }
    try {
      return StartedBy.refusal(FlowParser.parse(flow.flowData()).flow(), flow.id());
    } catch (FlowFormatException e) {
      return Optional.empty(); // the run says what is wrong with it
    }
  }
}
