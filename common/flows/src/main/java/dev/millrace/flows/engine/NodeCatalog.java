package dev.millrace.flows.engine;

import dev.millrace.flows.model.Supported;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The kinds of nodes that can run here. Immutable. */
public final class NodeCatalog {
  private final Map<String, NodeRunner> runners;
  private final Supported supported;
  private final AnswerFilter answers;

  /**
   * @param runners by the node name that selects them, e.g. {@code llmAgentflow}
   * @param supported those names, and what the nodes can be made of
   * @param answers sees every answer before it is given
   */
  public NodeCatalog(Map<String, NodeRunner> runners, Supported supported, AnswerFilter answers) {
    this.runners = Map.copyOf(runners);
    this.supported = supported;
    this.answers = answers;
  }

  /** Returns what sees every answer before it is given. */
  AnswerFilter answers() {
    return answers;
  }

  /** Returns what can run. */
  public Supported supported() {
    return supported;
  }

  /** Returns this catalog with something around each of its runners. */
  public NodeCatalog wrapped(UnaryOperator<NodeRunner> around) {
    var wrapped = new HashMap<String, NodeRunner>();
    runners.forEach((name, runner) -> wrapped.put(name, around.apply(runner)));
    return new NodeCatalog(wrapped, supported, answers);
  }

  /** Returns what runs a kind of node, null when nothing does. */
  @Nullable NodeRunner runner(String name) {
    return runners.get(name);
  }
}
