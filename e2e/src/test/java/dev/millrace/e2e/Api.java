package dev.millrace.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a client does with a server, over HTTP. Thread-safe. */
final class Api {
  /** Longer than any limit that a test sets, so that it is ours that is seen. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final JsonMapper json = JsonMapper.shared();
  private final JavaProcess server;
  private final int port;

  Api(JavaProcess server) {
    this(server, server.port());
  }

  private Api(JavaProcess server, int port) {
    this.server = server;
    this.port = port;
  }

  /** Returns the same client at another port: that of something before the server. */
  Api through(int other) {
    return new Api(server, other);
  }

  JavaProcess server() {
    return server;
  }

  /** Creates an agentflow; returns its id. */
  String createFlow(JsonNode flow) throws IOException, InterruptedException {
    return createFlow(flow.toString());
  }

  String createFlow(String flowData) throws IOException, InterruptedException {
    var body =
        json.createObjectNode()
            .put("name", "test")
            .put("type", "AGENTFLOW")
            .put("flowData", flowData);
    var answer = send("POST", "/api/v1/chatflows", body.toString());
    if (answer.statusCode() != 200) {
      throw new AssertionError("chatflows answered " + answer.statusCode() + ": " + answer.body());
    }
    return json.readTree(answer.body()).path("id").asString();
  }

  HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return http.send(request(method, path, body), BodyHandlers.ofString());
  }

  HttpResponse<String> predict(String flow, String body) throws IOException, InterruptedException {
    return send("POST", "/api/v1/prediction/" + flow, body);
  }

  CompletableFuture<HttpResponse<String>> predictAsync(String flow, String body) {
    return http.sendAsync(
        request("POST", "/api/v1/prediction/" + flow, body), BodyHandlers.ofString());
  }

  /** Streams a prediction to its end; returns its events. */
  List<JsonNode> stream(String flow, String body) throws IOException, InterruptedException {
    return events(predict(flow, body).body());
  }

  /** Reads the events of a stream, as every client of Flowise does: the lines that begin data:. */
  List<JsonNode> events(String stream) {
    var events = new ArrayList<JsonNode>();
    stream
        .lines()
        .filter(line -> line.startsWith("data:"))
        .forEach(line -> events.add(json.readTree(line.substring("data:".length()))));
    return events;
  }

  private HttpRequest request(String method, String path, String body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(LIMIT)
        .header("Authorization", "Bearer " + Deployment.ADMIN_KEY)
        .header("Content-Type", "application/json")
        .method(method, BodyPublishers.ofString(body))
        .build();
  }
}
