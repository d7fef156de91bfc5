package dev.millrace.flows.nodes;

import dev.millrace.flows.mcp.McpServers;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.EmbeddingModels;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.retrieval.SqlVectors;
import dev.millrace.flows.script.ScriptSandbox;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;

/**
 * What the nodes are made of.
 *
 * @param models calls chat models
 * @param embeddings calls embedding models
 * @param scripts runs JavaScript
 * @param fetcher sends what HTTP nodes and tools ask for
 * @param mcp reaches MCP servers
 * @param vectors searches tables that hold vectors
 * @param clock tells the time, and how long models took
 * @param ownAddresses under which this server is known: flows that name them stay in this process
 */
public record NodeParts(
    ChatModels models,
    EmbeddingModels embeddings,
    ScriptSandbox scripts,
    HttpFetcher fetcher,
    McpServers mcp,
    SqlVectors vectors,
    InstantSource clock,
    List<URI> ownAddresses) {
  public NodeParts {
    ownAddresses = List.copyOf(ownAddresses);
  }

  /** Parts of a process that is no server. */
  public NodeParts(
      ChatModels models,
      EmbeddingModels embeddings,
      ScriptSandbox scripts,
      HttpFetcher fetcher,
      McpServers mcp,
      SqlVectors vectors,
      InstantSource clock) {
    this(models, embeddings, scripts, fetcher, mcp, vectors, clock, List.of());
  }
}
