package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.HttpFetcher;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Flows of other servers, ours or Flowise's, over their API. Thread-safe. */
public final class RemoteFlows {
  private final HttpCalls http;
  private final Set<String> own;

  /**
   * @param fetcher sends the requests
   * @param own the addresses of this server, whose flows need no request
   */
  public RemoteFlows(HttpFetcher fetcher, List<URI> own) {
    this.http = new HttpCalls(fetcher);
    this.own = own.stream().map(RemoteFlows::origin).collect(Collectors.toUnmodifiableSet());
  }

  /**
   * A question to a flow.
   *
   * @param baseUrl of the server
   * @param apiKey sent as a Bearer token, "" for none
   */
  public record Question(
      String baseUrl,
      String apiKey,
      String flowId,
      String text,
      String chatId,
      ObjectNode overrides) {}

  /** Tells whether a base URL leads to another server; an empty one does not. */
  public boolean isElsewhere(String baseUrl) {
    if (baseUrl.isBlank()) {
      return false;
    }
    try {
      return !own.contains(origin(URI.create(baseUrl.strip())));
    } catch (IllegalArgumentException e) {
      return true; // no address at all, as the request will say
    }
  }

  /**
   * Asks.
   *
   * @return the body of the answer
   * @throws dev.millrace.flows.engine.FlowException when the server does not answer, or with
   *     another status than 2xx
   */
  public JsonNode ask(Question question, ToolScope scope) {
    ObjectNode body =
        Json.object().put("question", question.text()).put("chatId", question.chatId());
    body.set("overrideConfig", question.overrides());
    var headers = new LinkedHashMap<String, String>();
    headers.put("flowise-tool", "true"); // keeps a Flowise server from streaming
    if (!question.apiKey().isEmpty()) {
      headers.put("Authorization", "Bearer " + question.apiKey());
    }
    String base = question.baseUrl().strip().replaceFirst("/+$", "");
    String url = base + "/api/v1/prediction/" + HttpCalls.encoded(question.flowId());
    return http.json("POST", url, headers, body, scope);
  }

  private static String origin(URI address) {
    String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
    String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
    int port = address.getPort() >= 0 ? address.getPort() : scheme.equals("https") ? 443 : 80;
    return scheme + "://" + host + ":" + port;
  }
}
