/**
 * Speaks the Model Context Protocol with servers that offer tools: as child processes on standard
 * input and output, over streamable HTTP, and over the older HTTP with server-sent events. Written
 * here, not borrowed, so that HTTP goes through the guarded client and every wait ends. Start
 * reading at {@link dev.millrace.flows.mcp.McpServers}.
 */
@NullMarked
package dev.millrace.flows.mcp;

import org.jspecify.annotations.NullMarked;
