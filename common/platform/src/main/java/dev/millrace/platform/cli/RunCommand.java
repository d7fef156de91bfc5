package dev.millrace.platform.cli;

import dev.millrace.flows.engine.RunStatus;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace flow run}: runs a flow here. */
@Command(
    name = "run",
    description = "Runs a flow here, without a server, and prints its answer.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final String PAIR = "NAME=VALUE";

  private final PrintWriter out;
  private final PrintWriter err;

  @Parameters(paramLabel = "FILE", description = "A flow, or a case: {flow, script, question}.")
  private Path file = Path.of("");

  @Option(
      names = "--flow",
      paramLabel = "NAME|ID",
      description = "Which flow of a file with several.")
  private @Nullable String flow;

  @Option(
      names = "--input",
      paramLabel = "TEXT",
      description = "The question; a schedule's own stands in for it.")
  private @Nullable String input;

  @Option(names = "--form", paramLabel = "JSON", description = "The form instead.")
  private @Nullable String form;

  @Option(
      names = "--webhook",
      paramLabel = "BODY",
      description = "What a webhook is sent, in the content type that the Start node takes.")
  private @Nullable String webhook;

  @Option(names = "--header", paramLabel = PAIR, description = "Headers of that request.")
  private @Nullable Map<String, String> headers;

  @Option(names = "--query", paramLabel = PAIR, description = "Query parameters of that request.")
  private @Nullable Map<String, String> query;

  @Option(
      names = "--answer",
      paramLabel = "ANSWER",
      description =
          "What a human says when the flow asks: proceed, reject, or proceed:WORDS. Give it once"
              + " for each question, in order.")
  private @Nullable List<String> answers;

  @Option(names = "--var", paramLabel = PAIR, description = "Variables ($vars).")
  private @Nullable Map<String, String> vars;

  @Option(
      names = "--library",
      paramLabel = "FILE",
      description =
          "Exports, or folders of them, with the tools, variables, document stores and flows that"
              + " the flow uses. The file of the flow itself is one.")
  private @Nullable List<Path> library;

  @Option(
      names = "--model",
      paramLabel = "SCRIPT.json",
      description = "What models say; without it they are asked.")
  private @Nullable Path model;

  @Option(
      names = "--allow",
      split = ",",
      paramLabel = "HOST",
      description = "Hosts and blocks of the own network that the flow may reach.")
  private @Nullable List<String> allow;

  @Option(
      names = "--set",
      paramLabel = PAIR,
      description = "A setting, as in the environment: --set MAX_LOOP_COUNT=3.")
  private @Nullable List<String> settings;

  @Option(names = "--trace", description = "Shows what each node did.")
  private boolean trace;

  RunCommand(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    var shelves = new ArrayList<Path>();
    shelves.add(file);
    shelves.addAll(orNone(library));
    var run =
        LocalRun.of(
            file,
            flow,
            model,
            new LocalRun.Surroundings(
                CliSettings.load(settings), Library.of(shelves, orNone(vars)), orNone(allow)));
    var given = new LocalInput.Given(input, form, webhook, orNone(headers), orNone(query));
    var ended = run.run(run.input(given), run.answers(orNone(answers)));
    var result = ended.result();
    if (trace) {
      out.print(TraceTree.of(result.publicRecords()));
    }
    var error = result.error();
    if (error != null) {
      err.println(result.status() + ": " + error);
      return 1;
    }
    out.println(result.text());
    if (result.status() == RunStatus.STOPPED) {
      err.println("The flow asks a human: go on with --answer proceed or --answer reject.");
    }
    if (ended.unasked() > 0) {
      err.println("The flow did not ask for " + ended.unasked() + " of the answers.");
      return 1;
    }
    var mismatch = run.mismatch(result);
    mismatch.ifPresent(text -> err.println(text));
    return mismatch.isPresent() ? 1 : 0;
  }

  private static <T> List<T> orNone(@Nullable List<T> given) {
    return given == null ? List.of() : given;
  }

  private static Map<String, String> orNone(@Nullable Map<String, String> given) {
    return given == null ? Map.of() : given;
  }
}
