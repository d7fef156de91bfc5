package dev.millrace.platform.cli;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.WorkspaceParts;
import java.io.PrintWriter;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/** Has a server store tools and variables, by a background task of its own. */
final class LibraryUpload {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long LOOK_MILLIS = 200;

  private final ServerClient api;
  private final PrintWriter out;

  LibraryUpload(ServerClient api, PrintWriter out) {
    this.api = api;
    this.out = out;
  }

  /**
   * Sends them, and waits until they are stored.
   *
   * @return whether one was refused
   */
  boolean send(WorkspaceParts parts, boolean overwrite) {
    if (parts.tools().isEmpty() && parts.variables().isEmpty()) {
      return false;
    }
    var body = Json.object().put("type", "flows:import").put("title", "flow import");
    var params = body.putObject("params").put("overwrite", overwrite);
    var file = params.putObject("file");
    parts.tools().forEach(file.putArray("Tool")::add);
    parts.variables().forEach(file.putArray("Variable")::add);
    var task = await(api.send("POST", "/api/v1/tasks", body).path("id").asString(""));
    var result = task.path("result");
    if (!task.path("state").asString("").equals("SUCCEEDED")) {
      throw new CliException("tools and variables could not be stored: " + result);
    }
    print("tool", result.path("tools"));
    print("variable", result.path("variables"));
    result
        .path("refused")
        .forEach(one ->
            out.println(
                "refused  "
                    + one.path("name").asString("")
                    + ": "
                    + one.path("reason").asString("")));
    return !result.path("refused").isEmpty();
  }

  private void print(String kind, JsonNode rows) {
    for (var row : rows) {
      var note =
          switch (row.path("outcome").asString("")) {
            case "KEPT" -> "  (was there already and stays; --overwrite replaces it)";
            case "REPLACED" -> "  (replaced)";
            default -> "";
          };
      out.println(kind + "  " + row.path("name").asString("") + note);
    }
  }

  private JsonNode await(String id) {
    var deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      var task = api.send("GET", "/api/v1/tasks/" + id, null);
      var state = task.path("state").asString("");
      if (!state.equals("PENDING") && !state.equals("RUNNING")) {
        return task;
      }
      if (System.nanoTime() > deadline) {
        throw new CliException(
            "task "
                + id
                + " is "
                + state
                + " after "
                + LIMIT.toSeconds()
                + " s: does a node serve tasks?");
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CliException("interrupted", e);
      }
    }
  }
}
