package dev.millrace.flows.expression;

import dev.millrace.flows.engine.ChatTurn;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the expressions of one node see at the moment it runs. Nothing it returns may be changed.
 * What is costly to come by is only fetched when an expression asks for it.
 */
public interface Scope {
  /** Tells whether a reference that nothing resolves stays as it was written, or is empty. */
  default boolean keepsUnresolved() {
    return true;
  }

  /** Returns the question as it was asked. */
  String question();

  /** Returns the text of the documents sent along, "" when there are none. */
  String uploads();

  JsonNode form();

  JsonNode webhook();

  /** Returns the messages of earlier runs of this session, oldest first. */
  List<ChatTurn> pastHistory();

  /** Returns the messages of this run that lie on the path to this node. */
  List<ChatTurn> runHistory();

  /** Returns how often the Loop node has gone back that last made this place run again. */
  int loopCount();

  Instant now();

  /** Returns the item at hand inside an iteration, null outside. */
  @Nullable JsonNode iteration();

  /** Returns the workspace's variables, with the overrides of this run. */
  Map<String, String> variables();

  /**
   * Returns a member of {@code $flow}, e.g. {@code sessionId} or {@code state}; a missing node when
   * there is none.
   */
  JsonNode flow(String member);

  /** Returns the output of the latest execution of a node, null when it has not run. */
  @Nullable JsonNode output(String nodeId);
}
