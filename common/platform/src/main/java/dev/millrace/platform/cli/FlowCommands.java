package dev.millrace.platform.cli;

import dev.millrace.flows.model.FlowProblem.Severity;
import dev.millrace.platform.flows.FlowExport;
import dev.millrace.platform.flows.FlowImport;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace flow …}: each method is a command. */
@Command(name = "flow", description = "Works with flows in files.", mixinStandardHelpOptions = true)
final class FlowCommands {
  private static final String SERVER = "http://localhost:3000";
  private static final String FILE = "FILE";

  private final PrintWriter out;

  FlowCommands(PrintWriter out) {
    this.out = out;
  }

  @Command(
      description = "Checks flows; exits with 1 when one of them cannot run.",
      mixinStandardHelpOptions = true)
  int validate(
      @Parameters(arity = "1..*", paramLabel = FILE) List<Path> files,
      @Option(names = "--strict", description = "Warnings count as errors.") boolean strict) {
    var failed = false;
    for (var file : files) {
      for (var flow : FlowFiles.read(file)) {
        var name = flow.name().isEmpty() ? file.toString() : file + ", " + flow.name();
        var problems = FlowFiles.problems(flow);
        for (var problem : problems) {
          out.println(
              name + ": " + problem.severity() + " " + problem.code() + ": " + problem.message());
          failed |= strict || problem.severity() == Severity.ERROR;
        }
        if (problems.isEmpty()) {
          out.println(name + ": ok, " + flow.flow().nodes().size() + " nodes");
        }
      }
    }
    return failed ? 1 : 0;
  }

  @Command(
      name = "import",
      description = "Stores the flows of a file on a server, with their tools and variables.",
      mixinStandardHelpOptions = true)
  int importFile(
      @Parameters(paramLabel = FILE) Path file,
      @Option(names = "--name", description = "What the flow is called there.")
          @Nullable String name,
      @Option(names = "--id", paramLabel = "UUID", description = "Replaces this flow.")
          @Nullable String id,
      @Option(
              names = "--overwrite",
              description = "Replaces tools and variables that are there already.")
          boolean overwrite,
      @Option(names = "--server", defaultValue = SERVER, paramLabel = "URL") String server,
      @Option(names = "--key", paramLabel = "API-KEY", description = "Or MILLRACE_API_KEY.")
          @Nullable String key) {
    var api = ServerClient.of(server, key);
    var flows = FlowFiles.readIfAny(file);
    if (flows.size() > 1 && (id != null || name != null)) {
      throw new CliException(
          file + " holds " + flows.size() + " flows: --id and --name suit a single one");
    }
    var failed = new LibraryUpload(api, out).send(FlowFiles.parts(file), overwrite);
    for (var flow : flows) {
      var called = name != null ? name : FlowFiles.name(flow, file);
      var body = FlowImport.body(flow, called);
      var stored =
          id == null
              ? api.send("POST", "/api/v1/chatflows", body)
              : api.send("PUT", "/api/v1/chatflows/" + id, body);
      out.println(stored.path("id").asString("") + "  " + called);
      stored.path("warnings").forEach(warning -> out.println("  " + warning.asString("")));
    }
    return failed ? 1 : 0;
  }

  @Command(
      description = "Writes a flow of a server to a file, without its secrets.",
      mixinStandardHelpOptions = true)
  int export(
      @Parameters(index = "0", paramLabel = FILE) Path file,
      @Option(names = "--id", required = true, paramLabel = "UUID") String id,
      @Option(names = "--server", defaultValue = SERVER, paramLabel = "URL") String server,
      @Option(names = "--key", paramLabel = "API-KEY", description = "Or MILLRACE_API_KEY.")
          @Nullable String key) {
    var row = ServerClient.of(server, key).send("GET", "/api/v1/chatflows/" + id, null);
    FlowFiles.write(file, FlowExport.of(row));
    out.println(file + "  " + row.path("name").asString(""));
    return 0;
  }

  @Command(
      description = "Shows an execution as a tree: of a file, or of a server by its id.",
      mixinStandardHelpOptions = true)
  int trace(
      @Parameters(paramLabel = "FILE|ID") String what,
      @Option(names = "--server", defaultValue = SERVER, paramLabel = "URL") String server,
      @Option(names = "--key", paramLabel = "API-KEY", description = "Or MILLRACE_API_KEY.")
          @Nullable String key) {
    var file = Path.of(what);
    var execution =
        Files.exists(file)
            ? FlowFiles.json(file)
            : ServerClient.of(server, key).send("GET", "/api/v1/executions/" + what, null);
    out.print(TraceTree.of(TraceTree.records(execution)));
    return 0;
  }
}
