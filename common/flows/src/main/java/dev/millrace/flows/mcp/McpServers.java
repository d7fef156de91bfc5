package dev.millrace.flows.mcp;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.net.GuardedHttp;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reaches MCP servers, as far as the settings permit. Thread-safe. */
public final class McpServers {
  /** What makes a program run something else than it says. */
  private static final Set<String> LOADERS =
      Set.of(
          "PATH",
          "LD_PRELOAD",
          "LD_LIBRARY_PATH",
          "DYLD_INSERT_LIBRARIES",
          "NODE_OPTIONS",
          "PYTHONPATH",
          "PYTHONSTARTUP",
          "BASH_ENV",
          "ENV");

  private final GuardedHttp http;
  private final McpSettings settings;

  /**
   * @param http through which servers are reached; its policy decides which
   */
  public McpServers(GuardedHttp http, McpSettings settings) {
    this.http = http;
    this.settings = settings;
  }

  /**
   * Reaches a server over HTTP: streamable, or the older way when it does not know that.
   *
   * @param headers sent with every request
   */
  public McpSession connect(String url, Map<String, String> headers, Cancellation cancellation) {
    try {
      return McpSession.open(url, new HttpTransport(http, url, headers), cancellation);
    } catch (HttpTransport.RefusedException e) {
      if (!e.mayBeOlder()) {
        throw e;
      }
      var events = new EventTransport(http, url, headers, settings.patience(), cancellation);
      return McpSession.open(url, events, cancellation);
    }
  }

  /**
   * Starts a server as a child process.
   *
   * @param environment added to the little that it inherits
   * @throws McpException when the settings do not permit it
   */
  public McpSession start(
      String command,
      List<String> arguments,
      Map<String, String> environment,
      Cancellation cancellation) {
    if (!settings.processes()) {
      throw refused(
          command, "programs are not started here: set CUSTOM_MCP_PROTOCOL=stdio to permit it");
    }
    if (!settings.commands().contains(command)) {
      throw refused(
          command,
          "it is not among the permitted programs "
              + new TreeSet<>(settings.commands())
              + ": add it to CUSTOM_MCP_ALLOWED_COMMANDS");
    }
    if (settings.checked()) {
      check(command, arguments, environment);
    }
    var transport = StdioTransport.start(command, arguments, environment, settings.patience());
    return McpSession.open(command, transport, cancellation);
  }

  private static void check(
      String command, List<String> arguments, Map<String, String> environment) {
    for (String argument : arguments) {
      if (Set.of("-e", "--eval", "-p", "--print", "-c", "-r", "--require", "--import", "--call")
              .contains(argument)
          || argument.startsWith("--eval=")
          || argument.startsWith("--require=")
          || argument.startsWith("--import=")) {
        throw refused(command, "the argument \"" + argument + "\" would run code of the flow");
      }
      if (argument.startsWith("/") || argument.contains("..") || argument.startsWith("~")) {
        throw refused(
            command, "the argument \"" + argument + "\" names a file outside its own folder");
      }
    }
    for (String name : environment.keySet()) {
      if (LOADERS.contains(name)) {
        throw refused(command, "the variable " + name + " must not be set");
      }
    }
  }

  private static McpException refused(String command, String why) {
    return new McpException(
        "MCP server \""
            + command
            + "\" is not started: "
            + why
            + " (CUSTOM_MCP_SECURITY_CHECK=false turns checks of arguments off).",
        null);
  }
}
