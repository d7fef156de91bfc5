package dev.millrace.flows.mcp;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.HttpFetcher;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Streamable HTTP: every message is a POST, whose answer is JSON or a short stream of events that
 * ends with the response. The server's name for the session travels in a header.
 */
final class HttpTransport implements McpTransport {
  private static final String SESSION = "Mcp-Session-Id";

  private final HttpFetcher fetcher;
  private final String url;
  private final Map<String, String> headers;
  private volatile @Nullable String session;
  private volatile @Nullable String version;

  HttpTransport(HttpFetcher fetcher, String url, Map<String, String> headers) {
    this.fetcher = fetcher;
    this.url = url;
    this.headers = Map.copyOf(headers);
  }

  @Override
  public ObjectNode request(ObjectNode message, Cancellation cancellation) {
    HttpFetcher.Response response = post(message, cancellation);
    String given = response.headers().get("mcp-session-id");
    if (given != null) {
      session = given;
    }
    String body = new String(response.body(), StandardCharsets.UTF_8);
    String type = response.headers().getOrDefault("content-type", "");
    String id = Pending.id(message);
    List<JsonNode> messages =
        type.startsWith("text/event-stream") ? ServerEvents.messages(body) : one(body);
    for (JsonNode one : messages) {
      if (one instanceof ObjectNode answer && Pending.id(answer).equals(id)) {
        return answer;
      }
    }
    throw new McpException(
        "MCP server " + url + " did not answer " + message.path("method").asString("") + ".", null);
  }

  @Override
  public void tell(ObjectNode message, Cancellation cancellation) {
    post(message, cancellation);
  }

  @Override
  public void agreed(String agreed) {
    version = agreed;
  }

  /** Tells the server that the session is over; one that does not care is not pressed. */
  @Override
  public void close() {
    if (session == null) {
      return;
    }
    try {
      fetcher.fetch(request("DELETE", null), Cancellation.none());
    } catch (FlowException e) {
      // It forgets the session by itself.
      session = null;
    }
  }

  private HttpFetcher.Response post(ObjectNode message, Cancellation cancellation) {
    byte[] body = Json.write(message).getBytes(StandardCharsets.UTF_8);
    HttpFetcher.Response response = fetcher.fetch(request("POST", body), cancellation);
    if (response.status() / 100 != 2) {
      throw new RefusedException(url, response.status());
    }
    return response;
  }

  private HttpFetcher.Request request(String method, byte @Nullable [] body) {
    var all = new LinkedHashMap<>(headers);
    all.put("Accept", "application/json, text/event-stream");
    if (session != null) {
      all.put(SESSION, session);
    }
    if (version != null) {
      all.put("MCP-Protocol-Version", version);
    }
    String type = body == null ? null : "application/json";
    return new HttpFetcher.Request(method, url, List.copyOf(all.entrySet()), body, type);
  }

  private static List<JsonNode> one(String body) {
    JsonNode read = Json.readOrMissing(body);
    return read.isArray() ? read.valueStream().toList() : List.of(read);
  }

  /** The server answered with a status that says no: perhaps it speaks the older way only. */
  static final class RefusedException extends FlowException {
    private static final long serialVersionUID = 1L;

    private final int status;

    RefusedException(String url, int status) {
      super("MCP server " + url + " answered with status " + status + ".");
      this.status = status;
    }

    boolean mayBeOlder() {
      return status == 404 || status == 405 || status == 400;
    }
  }
}
