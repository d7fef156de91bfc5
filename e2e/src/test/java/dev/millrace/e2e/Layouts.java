package dev.millrace.e2e;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;

/** What the tests of layouts ask of nodes. */
final class Layouts {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

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
}
