package dev.millrace.server.api;

import dev.millrace.platform.events.StreamEvent;
import dev.millrace.platform.prediction.PredictionDispatcher;
import dev.millrace.platform.prediction.PredictionException;
import dev.millrace.platform.prediction.PredictionException.Reason;
import dev.millrace.platform.prediction.PredictionJob;
import dev.millrace.server.http.ApiErrors;
import dev.millrace.server.sse.EventBuffer;
import dev.millrace.server.sse.EventBuffer.SlowClientException;
import dev.millrace.server.sse.SseStream;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code POST /prediction/{id}}, as JSON or as a stream, and the abort of it. */
public final class PredictionApi {
  private static final Logger LOG = LoggerFactory.getLogger(PredictionApi.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(30);

  private final PredictionRequests requests;
  private final PredictionDispatcher dispatcher;
  private final JsonMapper json;

  public PredictionApi(
      PredictionRequests requests, PredictionDispatcher dispatcher, JsonMapper json) {
    this.requests = requests;
    this.dispatcher = dispatcher;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.post("/api/v1/prediction/{id}", this::predict);
    routes.put("/api/v1/chatmessage/abort/{flowId}/{chatId}", this::abort);
  }

  private void predict(Context ctx) throws Exception {
    var job = requests.read(ctx);
    if (job.streaming()) {
      stream(ctx, job);
      return;
    }
    answer(ctx, job);
  }

  /** Answers with the result of a run. */
  void answer(Context ctx, PredictionJob job) {
    ctx.contentType("application/json; charset=utf-8").result(result(job));
  }

  /**
   * Runs a job to its end.
   *
   * @throws PredictionException when it has no result
   */
  String result(PredictionJob job) {
    try (var handle = dispatcher.start(job, null)) {
      return await(handle);
    }
  }

  private void abort(Context ctx) {
    dispatcher.abort(ctx.pathParam("flowId"), ctx.pathParam("chatId"));
    ctx.contentType("application/json; charset=utf-8")
        .result("{\"status\":200,\"message\":\"Chat message aborted\"}");
  }

  /** Answers with the events of a run. */
  void stream(Context ctx, PredictionJob job) throws IOException, InterruptedException {
    var buffer = new EventBuffer();
    try (var handle = dispatcher.start(job, buffer::add)) {
      var _ = handle.result().whenComplete((result, error) -> buffer.end());
      try {
        var stream = SseStream.open(ctx);
        while (!buffer.isEnded()) {
          var events = buffer.take(HEARTBEAT);
          if (!events.isEmpty()) {
            stream.write(events);
          } else if (!buffer.isEnded()) {
            stream.heartbeat();
          }
        }
        handle.settle();
        stream.write(ending(handle, buffer.take(Duration.ZERO)));
      } catch (IOException | SlowClientException e) {
        // Not an error of ours: whoever asked has gone, or does not read what it asked for.
        LOG.debug("the client of run {} is gone", job.ids().runId(), e);
        if (!job.incomingInput().path("keepRunning").asBoolean(false)) {
          handle.cancel("the client went away");
        }
      }
    }
  }

  /** Returns the last events: what still waited, then the outcome, then {@code end}. */
  private List<StreamEvent> ending(PredictionDispatcher.Handle handle, List<StreamEvent> waiting) {
    var events = new ArrayList<>(waiting);
    try {
      events.add(new StreamEvent("metadata", metadata(json.readTree(await(handle)))));
    } catch (PredictionException e) {
      if (e.reason() == Reason.ABORTED) {
        events.add(StreamEvent.text("abort", "[DONE]"));
      } else {
        // Flowise's clients expect the run's last state after the error.
        var at = lastStateIndex(events);
        events.add(at, StreamEvent.text("error", ApiErrors.predictionMessage(e)));
      }
    }
    events.add(StreamEvent.text("end", "[DONE]"));
    return events;
  }

  private static int lastStateIndex(List<StreamEvent> events) {
    var last = events.size() - 1;
    return last >= 0 && events.get(last).name().equals("agentFlowEvent") ? last : last + 1;
  }

  private String metadata(JsonNode result) {
    var metadata = json.createObjectNode();
    for (var member :
        List.of(
            "chatId",
            "chatMessageId",
            "question",
            "sessionId",
            "memoryType",
            "followUpPrompts",
            "flowVariables",
            "action")) {
      var value = result.path(member);
      if (!value.isMissingNode() && !value.isNull() && !value.asString("x").isEmpty()) {
        metadata.set(member, member.equals("followUpPrompts") ? once(value) : value);
      }
    }
    return metadata.toString();
  }

  /** Flowise reads one of the two levels of text for this event. */
  private JsonNode once(JsonNode twice) {
    try {
      return twice.isString() ? json.readTree(twice.stringValue()) : twice;
    } catch (JacksonException e) {
      return twice; // a worker of another kind wrote it once
    }
  }

  private static String await(PredictionDispatcher.Handle handle) {
    try {
      return handle.result().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof PredictionException failed) {
        throw failed;
      }
      throw e;
    }
  }
}
