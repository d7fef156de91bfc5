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
  private final FollowUps followUps;

  /**
   * @param runners by the node name that selects them, e.g. {@code llmAgentflow}
   * @param supported those names, and what the nodes can be made of
   * @param answers sees every answer before it is given
   * @param followUps suggests what to ask after it
   */
  public NodeCatalog(
      Map<String, NodeRunner> runners,
      Supported supported,
      AnswerFilter answers,
      FollowUps followUps) {
    this.runners = Map.copyOf(runners);
    this.supported = supported;
    this.answers = answers;
    this.followUps = followUps;
  }

  /** Returns what sees every answer before it is given. */
  AnswerFilter answers() {
    return answers;
  }

  /** Returns what suggests how a conversation may go on. */
  FollowUps followUps() {
    return followUps;
  }

  /** Returns what can run. */
  public Supported supported() {
    return supported;
  }

  /** Returns this catalog with something around each of its runners. */
  public NodeCatalog wrapped(UnaryOperator<NodeRunner> around) {
    var wrapped = new HashMap<String, NodeRunner>();
    runners.forEach((name, runner) -> wrapped.put(name, around.apply(runner)));
    return new NodeCatalog(wrapped, supported, answers, followUps);
  }

  /** Returns what runs a kind of node, null when nothing does. */
  @Nullable NodeRunner runner(String name) {
    return runners.get(name);
  }
}
