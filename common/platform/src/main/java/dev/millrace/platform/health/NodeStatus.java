package dev.millrace.platform.health;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a node answers to those who watch it, whichever server carries the answer. Thread-safe.
 *
 * @param facts what it is
 * @param health whether it can do its work
 * @param metrics its meters, in Prometheus's text format
 */
public record NodeStatus(NodeFacts facts, Health health, Supplier<String> metrics) {
  /** Says on every answer what the node serves. */
  public static final String SERVES = "X-Millrace-Serves";

  private static final JsonMapper JSON = JsonMapper.shared();

  /** An answer to be sent as it is. */
  public record Answer(int status, String type, String body) {}

  /**
   * Answers {@code GET /healthz}: 200 while all is well, 503 with the reasons as JSON otherwise.
   * The first is {@code OK}, as Flowise's workers say it, or JSON for those who ask for it.
   *
   * @param accept the request's header; null when it has none
   */
  public Answer healthz(@Nullable String accept) {
    var problems = health.problems();
    var asksForJson = accept != null && accept.contains("application/json");
    if (problems.isEmpty() && !asksForJson) {
      return new Answer(200, "text/html; charset=utf-8", "OK");
    }
    var body = JSON.createObjectNode().put("status", problems.isEmpty() ? "ok" : "unavailable");
    body.set("problems", JSON.valueToTree(problems));
    body.set("node", facts.toJson(JSON));
    return new Answer(
        problems.isEmpty() ? 200 : 503, "application/json; charset=utf-8", body.toString());
  }

  /** Answers {@code GET /metrics}. */
  public Answer scrape() {
    return new Answer(200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
  }
}
