package dev.millrace.flows.mcp;

import dev.millrace.flows.engine.FlowException;
import org.jspecify.annotations.Nullable;

/** An MCP server could not be reached, broke the protocol, or refused. */
public final class McpException extends FlowException {
  private static final long serialVersionUID = 1L;

  public McpException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
