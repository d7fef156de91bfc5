package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.withDefault;

import java.util.List;

/**
 * What flows may do with servers of the Model Context Protocol.
 *
 * @param processes whether flows may start servers as programs on this machine
 * @param commands which programs
 * @param checked whether arguments and environment of these programs are looked at
 */
public record McpPolicy(boolean processes, List<String> commands, boolean checked) {
  private static final Variable<Boolean> CUSTOM_MCP_PROTOCOL =
      withDefault(
          "CUSTOM_MCP_PROTOCOL",
          new Syntax<>(
              "sse or stdio",
              text ->
                  switch (text) {
                    case "sse" -> false;
                    case "stdio" -> true;
                    default -> throw new IllegalArgumentException(text);
                  }),
          "sse",
          "sse: flows reach MCP servers over HTTP only; stdio: they may also start them as programs");
  private static final Variable<List<String>> CUSTOM_MCP_ALLOWED_COMMANDS =
      withDefault(
          "CUSTOM_MCP_ALLOWED_COMMANDS",
          Syntax.list("a comma list of program names without folders"),
          "node,npx,python,python3",
          "Programs that flows may start as MCP servers");
  private static final Variable<Boolean> CUSTOM_MCP_SECURITY_CHECK =
      withDefault(
          "CUSTOM_MCP_SECURITY_CHECK",
          Syntax.bool(),
          "true",
          "Whether arguments and environment of these programs are refused that run other code");

  static final List<Variable<?>> VARIABLES =
      List.of(CUSTOM_MCP_PROTOCOL, CUSTOM_MCP_ALLOWED_COMMANDS, CUSTOM_MCP_SECURITY_CHECK);

  public McpPolicy {
    commands = List.copyOf(commands);
  }

  static McpPolicy read(Values values) {
    return new McpPolicy(
        values.get(CUSTOM_MCP_PROTOCOL),
        values.get(CUSTOM_MCP_ALLOWED_COMMANDS),
        values.get(CUSTOM_MCP_SECURITY_CHECK));
  }
}
