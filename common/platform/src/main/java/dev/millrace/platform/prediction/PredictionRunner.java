package dev.millrace.platform.prediction;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.EventSink;
import dev.millrace.flows.engine.FlowEngine;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.FlowStore;
import dev.millrace.flows.engine.HumanAnswer;
import dev.millrace.flows.engine.Past;
import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunPorts;
import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.Secrets;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.engine.StoredFlows;
import dev.millrace.platform.prediction.PredictionException.Reason;
import dev.millrace.platform.runs.PausedRuns;
import dev.millrace.platform.runs.PausedRuns.Resumed;
import java.time.Instant;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs a prediction: the one way in which flows run, whether the job came over the queue or
 * straight from a request. Thread-safe; a run blocks its thread, which should be a virtual one.
 */
public final class PredictionRunner {
  /** The reason of a cancellation by which a worker gives a job up without ending its run. */
  public static final String ABANDONED = "the worker gave the job up";

  private final FlowEngine engine;
  private final FlowSnapshots flows;
  private final FlowStore store;
  private final Secrets secrets;
  private final RunJournal journal;
  private final PausedRuns paused;
  private final StoredFlows called;
  private final StoredFiles files;
  private final Aborts aborts;
  private final JsonMapper json;

  public PredictionRunner(
      FlowEngine engine,
      FlowSnapshots flows,
      FlowStore store,
      Secrets secrets,
      RunJournal journal,
      PausedRuns paused,
      StoredFlows called,
      StoredFiles files,
      Aborts aborts,
      JsonMapper json) {
    this.engine = engine;
    this.flows = flows;
    this.store = store;
    this.secrets = secrets;
    this.journal = journal;
    this.paused = paused;
    this.called = called;
    this.files = files;
    this.aborts = aborts;
    this.json = json;
  }

  /**
   * Runs a prediction to its end.
   *
   * @param enqueuedAt when the job was added, in ms since the epoch: an earlier abort is not for it
   * @param again whether a worker may have begun it before, and not ended it
   * @param sink hears its events
   * @param cancellation ends it
   * @return the answer as JSON, which is also the job's return value
   * @throws PredictionException when it failed or was aborted; the message is for the client
   */
  public String run(
      PredictionJob job,
      long enqueuedAt,
      boolean again,
      EventSink sink,
      Cancellation cancellation) {
    var flow = flow(job);
    checkAnswer(job);
    var guarded = new UnlessAbandoned(cancellation, journal, sink);
    var events = job.streaming() ? guarded : EventSink.NONE;
    var ports = new RunPorts(store, secrets, guarded, events, called, files);
    var key = Aborts.key(job.flowId(), job.chatId());
    RunResult result;
    RunRequest request;
    try (var _ = aborts.register(key, job.ids().runId(), enqueuedAt, cancellation)) {
      if (job.incomingInput().path("humanInput") instanceof ObjectNode humanInput
          && !humanInput.isEmpty()) {
        var resumed = resumed(job, humanInput);
        var input = resumed.input().deepCopy();
        input.set("humanInput", humanInput);
        request = request(job, flow, resumed.runId(), input, enqueuedAt);
        result = engine.run(request, ports, cancellation, resumed.past());
      } else {
        var runId = job.ids().runId();
        var past = again ? journal.past(runId) : Past.NONE;
        request = request(job, flow, runId, job.incomingInput(), enqueuedAt);
        result = engine.run(request, ports, cancellation, past);
      }
    }
    return switch (result.status()) {
      case FINISHED, STOPPED -> answer(job, request, result);
      case TERMINATED -> throw new PredictionException(Reason.ABORTED, error(result));
      case ERROR, TIMEOUT, INPROGRESS ->
          throw new PredictionException(Reason.FLOW_FAILED, error(result));
    };
  }

  /** Somebody means to answer, and a run from the beginning is not what they want. */
  private static void checkAnswer(PredictionJob job) {
    try {
      HumanAnswer.checkForm(job.incomingInput().path("humanInput"));
    } catch (FlowException e) {
      throw new PredictionException(Reason.FLOW_FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  private Resumed resumed(PredictionJob job, ObjectNode humanInput) {
    var answer =
        new PausedRuns.Answer(
            job.ids().runId(), job.ids().answerId(), job.flowId(), job.sessionId(), humanInput);
    return paused
        .resume(answer)
        .orElseThrow(() -> {
          var node = humanInput.path("startNodeId").asString("");
          return new PredictionException(
              Reason.FLOW_FAILED,
              "no run of session "
                  + job.sessionId()
                  + " waits for a human"
                  + (node.isEmpty() ? "" : " at " + node)
                  + "; it may have been answered already, or it belongs to another chatId");
        });
  }

  private FlowSnapshots.Snapshot flow(PredictionJob job) {
    FlowSnapshots.Snapshot flow;
    try {
      flow = flows.get(job.chatflowJson());
    } catch (FlowException e) {
      throw new PredictionException(Reason.FLOW_FAILED, String.valueOf(e.getMessage()), e);
    }
    if (!flow.type().equals("AGENTFLOW")) {
      throw new PredictionException(
          Reason.FLOW_FAILED,
          "flow "
              + flow.id()
              + " is of type "
              + flow.type()
              + "; only AGENTFLOW (Agentflow V2) can be run");
    }
    return flow;
  }

  private static RunRequest request(
      PredictionJob job,
      FlowSnapshots.Snapshot flow,
      UUID runId,
      ObjectNode input,
      long enqueuedAt) {
    var chatType = job.chatType();
    return new RunRequest(
        runId,
        job.ids().answerId(),
        flow.flow(),
        flow.id(),
        job.workspaceId(),
        job.chatId(),
        job.sessionId(),
        job.ids().newSession(),
        input,
        job.incomingInput(),
        flow.apiConfig(),
        flow.chatbotConfig(),
        job.streaming(),
        chatType != null ? chatType : job.internal() ? "INTERNAL" : "EXTERNAL",
        Instant.ofEpochMilli(enqueuedAt));
  }

  private String answer(PredictionJob job, RunRequest request, RunResult result) {
    var answer = json.createObjectNode();
    answer.put("text", result.text());
    var question = job.incomingInput().get("question");
    if (question != null) {
      answer.set("question", question);
    }
    var form = job.incomingInput().path("form");
    if (form.isObject()) { // also an empty one, as Flowise does
      answer.set("form", form);
    }
    answer.put("chatId", request.chatId());
    answer.put("chatMessageId", request.answerId().toString());
    if (!result.followUpPrompts().isEmpty()) {
      // Flowise writes it as text twice, and its clients read it twice.
      var once = json.writeValueAsString(result.followUpPrompts());
      answer.put("followUpPrompts", json.writeValueAsString(once));
    }
    answer.put("executionId", request.runId().toString());
    answer.set("agentFlowExecutedData", result.publicRecords());
    if (result.action() != null) {
      answer.set("action", result.action());
    }
    answer.put("sessionId", request.sessionId());
    return answer.toString();
  }

  private static String error(RunResult result) {
    return result.error() == null ? "the run ended as " + result.status() : result.error();
  }
}
