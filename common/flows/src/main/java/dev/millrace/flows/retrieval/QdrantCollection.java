package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.net.HttpFetcher;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls the HTTP API of a Qdrant server about one collection. Thread-safe. */
final class QdrantCollection {
  private static final int NOT_FOUND = 404;

  private final HttpFetcher fetcher;
  private final String url;
  private final String key;
  private final String content;
  private final String metadata;

  QdrantCollection(HttpFetcher fetcher, StoreConfig config) {
    this.fetcher = fetcher;
    String server = config.required("qdrantServerUrl");
    String base = server.endsWith("/") ? server.substring(0, server.length() - 1) : server;
    String name = config.required("qdrantCollection");
    this.url =
        base
            + "/collections/"
            + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    this.key = config.text("qdrantApiKey", "");
    this.content = config.text("contentPayloadKey", "content");
    this.metadata = config.text("metadataPayloadKey", "metadata");
  }

  /** Returns the member of a point's payload that holds its text. */
  String content() {
    return content;
  }

  /** Returns the member of a point's payload that holds its metadata. */
  String metadata() {
    return metadata;
  }

  /** Returns what the server says of the collection; nothing when there is none. */
  Optional<JsonNode> describe(Cancellation cancellation) {
    HttpFetcher.Response response = fetch("GET", "", null, cancellation);
    return response.status() == NOT_FOUND
        ? Optional.empty()
        : Optional.of(answer(response, url).path("result"));
  }

  /**
   * Calls.
   *
   * @param path behind that of the collection
   * @throws FlowException when the server refuses; names it
   */
  JsonNode call(String method, String path, ObjectNode body, Cancellation cancellation) {
    return answer(fetch(method, path, body, cancellation), url + path);
  }

  private HttpFetcher.Response fetch(
      String method, String path, @Nullable ObjectNode body, Cancellation cancellation) {
    var headers = new ArrayList<Map.Entry<String, String>>();
    if (!key.isEmpty()) {
      headers.add(Map.entry("api-key", key));
    }
    byte[] bytes = body == null ? null : Json.write(body).getBytes(StandardCharsets.UTF_8);
    String type = body == null ? null : "application/json";
    return fetcher.fetch(
        new HttpFetcher.Request(method, url + path, headers, bytes, type), cancellation);
  }

  private static JsonNode answer(HttpFetcher.Response response, String url) {
    JsonNode answer = Json.readOrMissing(new String(response.body(), StandardCharsets.UTF_8));
    if (response.status() / 100 != 2) {
      throw new FlowException(
          "Qdrant at "
              + url
              + " answered with status "
              + response.status()
              + ": "
              + JsonText.of(answer.path("status").path("error"))
              + ". Check its URL, collection and"
              + " key.");
    }
    return answer;
  }
}
