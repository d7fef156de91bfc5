package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The example plugin on three nodes: its key, queue, sync message, node, tables and routes. */
class ThumbnailsIT {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String ROUTES = "/api/v1/plugins/thumbnails";

  @Test
  void worksOnTheNodesThatServeItsKey() throws Exception {
    try (var deployment = new Deployment("queue")) {
      deployment.with("PLUGINS_FOLDER", plugin(deployment).toString());
      var first = deployment.startServer(Map.of("WORKER_MODE", "!"));
      var second = deployment.startServer(Map.of("WORKER_MODE", "!,workflow:process"));
      var worker = deployment.startWorker("WORKER_MODE", "thumbnails:process");

      // It came in here and was made there.
      var id = JSON.readTree(post(first, ROUTES, picture(400, 200))).path("id").asString();
      var state = awaitEnd(first, id);
      assertThat(state.path("problem").isNull()).isTrue();
      assertThat(state.path("madeBy").asString()).isEqualTo(Long.toString(worker.pid()));
      assertThat(width(get(second, ROUTES + "/" + id + "/small"))).isEqualTo(64);

      // What is no picture is a problem of that picture's.
      var broken = JSON.readTree(post(first, ROUTES, new byte[] {1, 2, 3})).path("id").asString();
      assertThat(awaitEnd(first, broken).path("problem").asString()).contains("no picture");

      // A change on one node is heard on the others.
      assertThat(first.send("PUT", ROUTES + "/size", "{\"size\":32}").statusCode()).isEqualTo(200);
      await()
          .atMost(20, SECONDS)
          .until(() -> second.send("GET", ROUTES + "/size", "").body().equals("{\"size\":32}"));

      // A flow uses its node.
      var flow = second.createFlow(flow());
      var answer = JSON.readTree(second.predict(flow, "{\"question\":\"q\"}").body());
      var made = awaitEnd(first, answer.path("text").asString());
      assertThat(made.path("made").asBoolean()).isTrue();

      var listed = JSON.readTree(first.send("GET", "/api/v1/plugins", "").body());
      assertThat(listed.path("plugins").path(0).path("services").path(0).asString())
          .isEqualTo("thumbnails:process");
      assertThat(listed.path("leftOut")).isEmpty();
      assertThat(Layouts.get(worker, "/healthz").body()).contains("thumbnails:process");
    }
  }

  private static String flow() throws IOException {
    var flow = Flows.start();
    var node = Flows.node(flow, "thumbnails.make_0", "thumbnails.make", "Thumbnail");
    Flows.inputs(node).put("picture", Base64.getEncoder().encodeToString(picture(80, 80)));
    Flows.edge(flow, "startAgentflow_0", "thumbnails.make_0");
    return flow.toString();
  }

  private static JsonNode awaitEnd(Api api, String id) {
    return await()
        .atMost(30, SECONDS)
        .until(
            () -> JSON.readTree(api.send("GET", ROUTES + "/" + id, "").body()),
            state -> state.path("made").asBoolean() || !state.path("problem").isNull());
  }

  private static byte[] picture(int width, int height) throws IOException {
    var out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", out);
    return out.toByteArray();
  }

  private static int width(byte[] picture) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(picture)).getWidth();
  }

  private static String post(Api api, String path, byte[] body) throws Exception {
    var answer = send(api, "POST", path, HttpRequest.BodyPublishers.ofByteArray(body));
    return new String(answer, StandardCharsets.UTF_8);
  }

  private static byte[] get(Api api, String path) throws Exception {
    return send(api, "GET", path, HttpRequest.BodyPublishers.noBody());
  }

  private static byte[] send(Api api, String method, String path, HttpRequest.BodyPublisher body)
      throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(api.server().uri(path))
              .header("Authorization", "Bearer " + Deployment.ADMIN_KEY)
              .method(method, body)
              .build();
      return http.send(request, BodyHandlers.ofByteArray()).body();
    }
  }

  private static Path plugin(Deployment deployment) throws IOException {
    return PluginBuilder.build(
        project().resolve("examples/plugin-thumbnails/src/main"), deployment.home());
  }

  private static Path project() {
    for (var dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      if (Files.isDirectory(dir.resolve("examples/plugin-thumbnails"))) {
        return dir;
      }
    }
    throw new AssertionError("the tests run outside the project");
  }
}
