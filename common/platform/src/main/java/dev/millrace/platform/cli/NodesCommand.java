package dev.millrace.platform.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code millrace nodes}: who is there, what they serve, and what nobody serves. */
@Command(
    name = "nodes",
    description = "Lists the live nodes; exits with 1 when a queue has no consumer.",
    mixinStandardHelpOptions = true)
final class NodesCommand implements Callable<Integer> {
  private static final List<String> TITLES =
      List.of("HOST", "PID", "MODE", "WORKER_MODE", "SERVES", "VERSION", "HEARTBEAT", "LOAD");

  private final PrintWriter out;
  private final PrintWriter err;

  @Option(names = "--server", defaultValue = "http://localhost:3000", paramLabel = "URL")
  private String server = "";

  @Option(names = "--key", paramLabel = "API-KEY", description = "Or MILLRACE_API_KEY.")
  private @Nullable String key;

  @Option(names = "--json", description = "Prints what the server answered.")
  private boolean asJson;

  NodesCommand(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    var answer = ServerClient.of(server, key).send("GET", "/api/v1/nodes", null);
    if (asJson) {
      out.println(answer);
    } else {
      print(answer.path("nodes"));
    }
    answer.path("warnings").forEach(warning -> err.println("warning: " + warning.asString("")));
    return answer.path("warnings").isEmpty() ? 0 : 1;
  }

  private void print(JsonNode nodes) {
    var rows = new ArrayList<List<String>>();
    rows.add(TITLES);
    nodes.forEach(node -> rows.add(row(node)));
    var widths = new int[TITLES.size()];
    for (var row : rows) {
      for (var i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (var row : rows) {
      var line = new StringBuilder();
      for (var i = 0; i < widths.length; i++) {
        line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private static List<String> row(JsonNode node) {
    var serves =
        node.path("services")
            .valueStream()
            .map(key -> key.asString(""))
            .collect(Collectors.toList());
    if (node.path("requests").asBoolean()) {
      serves.addFirst("requests");
    }
    var load =
        node.path("load").properties().stream()
            .map(number -> number.getKey() + "=" + number.getValue())
            .collect(Collectors.joining(" "));
    return List.of(
        node.path("host").asString(""),
        node.path("pid").asString(""),
        node.path("mode").asString(""),
        '"' + node.path("workerMode").asString("") + '"',
        String.join(",", serves),
        node.path("version").asString(""),
        String.format(Locale.ROOT, "%.1f s ago", node.path("secondsSilent").asDouble()),
        load);
  }
}
