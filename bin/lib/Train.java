import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;

/**
 * Gives a server and a worker the work that bin/train has them learn from: flows are created and
 * asked, as JSON and as streams, by one client and by many.
 *
 * <p>Arguments: "ports", to print two free ones; or the ports of the server and of the worker, the
 * API key, and a flow.
 */
final class Train {
  private static final int CLIENTS = 8;
  private static final int PREDICTIONS = 800;
  private static final Duration START_LIMIT = Duration.ofSeconds(120);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String api;
  private final String key;

  private Train(String port, String key) {
    this.api = "http://127.0.0.1:" + port + "/api/v1";
    this.key = key;
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("ports")) {
      try (var first = new ServerSocket(0);
          var second = new ServerSocket(0)) {
        System.out.println(first.getLocalPort() + " " + second.getLocalPort());
      }
      return;
    }
    new Train(args[0], args[2]).run(args[1], Path.of(args[3]));
  }

  private void run(String workerPort, Path flowFile) throws Exception {
    await(api + "/ping");
    await("http://127.0.0.1:" + workerPort + "/healthz");
    var flow = createFlow(Files.readString(flowFile));
    var asked = new ArrayList<Future<String>>();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (var i = 0; i < PREDICTIONS; i++) {
        // One in ten as a stream.
        var body = "{\"question\":\"" + i + "\",\"streaming\":" + (i % 10 == 0) + "}";
        Callable<String> ask = () -> post("/prediction/" + flow, body);
        asked.add(clients.submit(ask));
      }
    }
    for (var answer : asked) {
      answer.get();
    }
  }

  private String createFlow(String flowData) throws IOException, InterruptedException {
    var text = flowData.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    var created =
        post(
            "/chatflows", "{\"name\":\"t\",\"type\":\"AGENTFLOW\",\"flowData\":\"" + text + "\"}");
    var id = ID.matcher(created);
    if (!id.find()) {
      throw new IOException("the server created no flow: " + created);
    }
    return id.group(1);
  }

  private String post(String path, String body) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(api + path))
            .timeout(CALL_LIMIT)
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    var answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }

  private void await(String url) throws InterruptedException, IOException {
    var request = HttpRequest.newBuilder(URI.create(url)).timeout(CALL_LIMIT).build();
    var deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try {
        if (http.send(request, BodyHandlers.ofString()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not there yet.
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(url + " did not answer within " + START_LIMIT);
      }
      Thread.sleep(200);
    }
  }
}
