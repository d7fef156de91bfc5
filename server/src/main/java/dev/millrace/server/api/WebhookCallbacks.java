package dev.millrace.server.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.trigger.WebhookCheck;
import dev.millrace.flows.trigger.WebhookTrigger;
import dev.millrace.platform.prediction.PredictionException;
import dev.millrace.platform.prediction.PredictionJob;
import dev.millrace.server.http.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs flows whose webhook is answered before they end, and tells their result to a callback: three
 * tries, each of ten seconds, signed where the flow has a secret for it. Thread-safe.
 */
public final class WebhookCallbacks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookCallbacks.class);
  private static final List<Duration> PAUSES =
      List.of(Duration.ZERO, Duration.ofSeconds(3), Duration.ofSeconds(6));
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int MOST = 10_000;

  private final HttpFetcher fetcher;
  private final JsonMapper json;
  private final Semaphore places = new Semaphore(MOST);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("webhook-", 0).factory());

  public WebhookCallbacks(HttpFetcher fetcher, JsonMapper json) {
    this.fetcher = fetcher;
    this.json = json;
  }

  /**
   * Starts a run and returns at once.
   *
   * @param run returns the result as JSON, or throws {@link PredictionException}
   * @throws ApiException 503 when too many run already
   */
  void start(WebhookTrigger trigger, PredictionJob job, Supplier<String> run) {
    if (!places.tryAcquire()) {
      throw new ApiException(503, MOST + " webhooks are being processed already; try again later");
    }
    threads.execute(() -> {
      try {
        finish(trigger, job, run);
      } finally {
        places.release();
      }
    });
  }

  /** Gives up what is still to be told. */
  @Override
  public void close() {
    threads.shutdownNow();
  }

  private void finish(WebhookTrigger trigger, PredictionJob job, Supplier<String> run) {
    var message = json.createObjectNode();
    try {
      var result = (ObjectNode) json.readTree(run.get());
      var stopped = result.has("action");
      message.put("status", stopped ? "STOPPED" : "SUCCESS").put("chatId", job.chatId());
      message.set("data", stopped ? question(result) : result);
    } catch (PredictionException e) {
      LOG.info("run {} of a webhook failed: {}", job.ids().runId(), e.getMessage());
      message.put("status", "ERROR").put("chatId", job.chatId()).put("error", e.getMessage());
    }
    if (!trigger.callbackUrl().isEmpty()) {
      deliver(trigger, job, message.toString().getBytes(UTF_8));
    }
  }

  private ObjectNode question(ObjectNode result) {
    var data = json.createObjectNode();
    for (var member : List.of("text", "executionId", "action")) {
      data.set(member, result.path(member));
    }
    return data;
  }

  private void deliver(WebhookTrigger trigger, PredictionJob job, byte[] body) {
    for (var pause : PAUSES) {
      try {
        Thread.sleep(pause);
        var status = post(trigger, body);
        if (status < 300) {
          return;
        }
        LOG.info("the callback of run {} answered {}", job.ids().runId(), status);
      } catch (FlowException e) {
        LOG.info("the callback of run {} failed: {}", job.ids().runId(), e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        LOG.warn("the callback of run {} was given up: this process stops", job.ids().runId());
        return;
      }
    }
    LOG.warn(
        "nobody took the result of run {} at its callback; it is in the executions of the flow",
        job.ids().runId());
  }

  private int post(WebhookTrigger trigger, byte[] body) {
    var headers = new ArrayList<Map.Entry<String, String>>();
    if (!trigger.callbackSecret().isEmpty()) {
      var signature = WebhookCheck.hmac(trigger.callbackSecret(), body);
      headers.add(Map.entry("X-Flowise-Signature", "sha256=" + signature));
    }
    var cancellation = new Cancellation();
    var limit =
        CompletableFuture.runAsync(
            () -> cancellation.cancel("no answer within " + LIMIT.toSeconds() + " s"),
            CompletableFuture.delayedExecutor(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
    try {
      var request =
          new HttpFetcher.Request("POST", trigger.callbackUrl(), headers, body, "application/json");
      return fetcher.fetch(request, cancellation).status();
    } finally {
      limit.cancel(false);
    }
  }
}
