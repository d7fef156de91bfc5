package dev.millrace.flows.model;

import java.util.HashSet;
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

  /** Returns the same with further kinds of nodes. */
  public Supported withNodes(Set<String> more) {
    var all = new HashSet<>(nodes);
    all.addAll(more);
    return new Supported(all, models, tools, embeddings, vectorStores);
  }
}
