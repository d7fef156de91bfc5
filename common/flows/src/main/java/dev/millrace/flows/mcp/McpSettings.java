package dev.millrace.flows.mcp;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What flows may do with MCP servers.
 *
 * @param processes whether they may start programs at all ({@code CUSTOM_MCP_PROTOCOL=stdio})
 * @param commands which programs, by name, without a folder ({@code CUSTOM_MCP_ALLOWED_COMMANDS})
 * @param checked whether arguments and environment are looked at ({@code
 *     CUSTOM_MCP_SECURITY_CHECK})
 * @param patience for one answer of a server
 */
public record McpSettings(
    boolean processes, Set<String> commands, boolean checked, Duration patience) {
  /** No programs; servers over HTTP only. */
  public static final McpSettings HTTP_ONLY =
      new McpSettings(false, Set.of(), true, Duration.ofSeconds(60));

  /** The programs that are allowed when programs are and no list is given. */
  public static final List<String> USUAL_COMMANDS = List.of("node", "npx", "python", "python3");

  public McpSettings {
    commands = Set.copyOf(commands);
  }
}
