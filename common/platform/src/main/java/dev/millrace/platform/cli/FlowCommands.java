package dev.millrace.platform.cli;

import dev.millrace.flows.model.FlowProblem.Severity;
import dev.millrace.platform.flows.FlowExport;
import dev.millrace.platform.flows.FlowImport;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
  private final PrintWriter err;

  FlowCommands(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
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
      description = "Runs a flow here, without a server, and prints its answer.",
      mixinStandardHelpOptions = true)
  int run(
      @Parameters(paramLabel = FILE, description = "A flow, or a case: {flow, script, question}.")
          Path file,
      @Option(names = "--input", paramLabel = "TEXT", description = "The question.")
          @Nullable String input,
      @Option(names = "--form", paramLabel = "JSON", description = "The form instead.")
          @Nullable String form,
      @Option(names = "--var", paramLabel = "NAME=VALUE", description = "Variables ($vars).")
          @Nullable Map<String, String> vars,
      @Option(
              names = "--model",
              paramLabel = "SCRIPT.json",
              description = "What models say; without it they are asked.")
          @Nullable Path model,
      @Option(
              names = "--allow",
              split = ",",
              paramLabel = "HOST",
              description = "Hosts and blocks of the own network that the flow may reach.")
          @Nullable List<String> allow,
      @Option(names = "--trace", description = "Shows what each node did.") boolean trace) {
    var run = LocalRun.of(file, model);
    var result =
        run.run(
            run.input(input, form),
            vars == null ? Map.of() : vars,
            allow == null ? List.of() : allow);
    if (trace) {
      out.print(TraceTree.of(result.publicRecords()));
    }
    var error = result.error();
    if (error != null) {
      err.println(result.status() + ": " + error);
      return 1;
    }
    out.println(result.text());
    var mismatch = run.mismatch(result);
    mismatch.ifPresent(text -> err.println(text));
    return mismatch.isPresent() ? 1 : 0;
  }

  @Command(
      name = "import",
      description = "Stores the flows of a file on a server.",
      mixinStandardHelpOptions = true)
  int importFile(
      @Parameters(paramLabel = FILE) Path file,
      @Option(names = "--name", description = "What the flow is called there.")
          @Nullable String name,
      @Option(names = "--id", paramLabel = "UUID", description = "Replaces this flow.")
          @Nullable String id,
      @Option(names = "--server", defaultValue = SERVER, paramLabel = "URL") String server,
      @Option(names = "--key", paramLabel = "API-KEY", description = "Or MILLRACE_API_KEY.")
          @Nullable String key) {
    var api = ServerClient.of(server, key);
    var flows = FlowFiles.read(file);
    if (flows.size() > 1 && (id != null || name != null)) {
      throw new CliException(
          file + " holds " + flows.size() + " flows: --id and --name suit a single one");
    }
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
    return 0;
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
