package dev.millrace.flows.model;

import java.util.Set;

/**
 * What can run here, by the names that exported flows use.
 *
 * @param nodes e.g. {@code llmAgentflow}
 * @param models e.g. {@code chatOpenAI}
 * @param tools e.g. {@code requestsGet}
 * @param embeddings e.g. {@code openAIEmbeddings}
 * @param vectorStores e.g. {@code postgres}
 */
public record Supported(
    Set<String> nodes,
    Set<String> models,
    Set<String> tools,
    Set<String> embeddings,
    Set<String> vectorStores) {
  public Supported {
    nodes = Set.copyOf(nodes);
    models = Set.copyOf(models);
    tools = Set.copyOf(tools);
    embeddings = Set.copyOf(embeddings);
    vectorStores = Set.copyOf(vectorStores);
  }
}
