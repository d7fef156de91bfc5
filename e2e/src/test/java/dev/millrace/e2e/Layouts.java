package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the tests of layouts and of tasks ask of nodes. */
final class Layouts {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final JsonMapper JSON = JsonMapper.shared();

  private Layouts() {}

  /**
   * Returns what a node says of its load, e.g. how many predictions it has finished; 0 if nothing.
   */
  static long load(JavaProcess node, String of) throws IOException, InterruptedException {
    var metrics = get(node, "/metrics").body();
    var line =
        Pattern.compile("(?m)^millrace_load\\{of=\"" + of + "\"\\} ([0-9.E]+)$").matcher(metrics);
    return line.find() ? (long) Double.parseDouble(line.group(1)) : 0;
  }

  static HttpResponse<String> get(JavaProcess node, String path)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(node.uri(path)).header("Accept", "application/json").build();
    return HTTP.send(request, BodyHandlers.ofString());
  }

  static HttpResponse<String> post(JavaProcess node, String path)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(node.uri(path))
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    return HTTP.send(request, BodyHandlers.ofString());
  }

  /** Asks for a background task; returns its id. */
  static String createTask(Api api, String body) throws IOException, InterruptedException {
    var created = api.send("POST", "/api/v1/tasks", body);
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    return JSON.readTree(created.body()).path("id").asString();
  }

  static JsonNode task(Api api, String id) throws IOException, InterruptedException {
    return JSON.readTree(api.send("GET", "/api/v1/tasks/" + id, "").body());
  }

  /** Waits for the end of a task. */
  static JsonNode awaitTask(Api api, String id) {
    return await()
        .atMost(60, SECONDS)
        .until(() -> task(api, id), task -> !task.path("doneAt").isNull());
  }
}
