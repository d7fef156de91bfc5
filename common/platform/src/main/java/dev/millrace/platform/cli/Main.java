package dev.millrace.platform.cli;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.pgjobs.PgJobsException;
import dev.millrace.platform.db.DatabaseUnavailableException;
import dev.millrace.platform.db.InvalidEntityException;
import dev.millrace.platform.db.SchemaException;
import dev.millrace.platform.process.Logging;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code millrace}. Exits with 0 when all is well, 1 when not, 2 for wrong usage. */
@Command(
    name = "millrace",
    description = "Flows as files, background jobs in PostgreSQL, and the nodes of a cluster.",
    mixinStandardHelpOptions = true)
public final class Main {
  public static void main(String[] args) {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Logging.configureForCommands();
    System.exit(commandLine(out, err).execute(args));
  }

  /** Returns the program, writing where it is told to. */
  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    var line = new CommandLine(new Main());
    line.addSubcommand(
        new CommandLine(new FlowCommands(out)).addSubcommand(new RunCommand(out, err)));
    line.addSubcommand(new NodesCommand(out, err));
    line.addSubcommand(new JobCommands(out));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setOut(out);
    line.setErr(err);
    line.setExecutionExceptionHandler((e, command, parsed) -> {
      if (!(e instanceof CliException
          || e instanceof FlowException
          || e instanceof FlowFormatException
          || e instanceof InvalidEntityException
          || e instanceof PgJobsException
          || e instanceof DatabaseUnavailableException
          || e instanceof SchemaException)) {
        throw e;
      }
      command.getErr().println(e.getMessage());
      return 1;
    });
    return line;
  }
}
