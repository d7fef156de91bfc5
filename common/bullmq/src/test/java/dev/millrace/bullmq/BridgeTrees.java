package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Sorts the entries of several flows, which come in one list, into trees. */
final class BridgeTrees {
  private BridgeTrees() {}

  /** Returns the places of each tree's entries, in their order; the root is the first. */
  static List<List<Integer>> of(JsonNode entries) {
    var treeOf = new HashMap<String, List<Integer>>();
    var trees = new ArrayList<List<Integer>>();
    for (var i = 0; i < entries.size(); i++) {
      var entry = entries.get(i);
      var tree = treeOf.get(BridgeArgs.field(entry.path("jobData"), "parentKey"));
      if (tree == null) {
        tree = new ArrayList<>();
        trees.add(tree);
      }
      tree.add(i);
      treeOf.putIfAbsent(key(entry), tree);
    }
    return trees;
  }

  private static String key(JsonNode entry) {
    return "%s:%s:%s"
        .formatted(
            entry.path("prefix").asString("bull"),
            entry.path("queueName").asString(""),
            BridgeArgs.field(entry, "jobId"));
  }

  /**
   * Returns the ids of all entries in their order. Those of a tree that was refused have the code
   * of the refusal.
   *
   * @param replies of {@code flow.lua}
   */
  static List<Object> inOrder(List<List<Integer>> trees, List<?> replies, int size) {
    var ordered = new Object[size];
    for (var t = 0; t < trees.size(); t++) {
      var reply = (List<?>) replies.get(t);
      var tree = trees.get(t);
      var refused = reply.getFirst() instanceof Long;
      for (var n = 0; n < tree.size(); n++) {
        ordered[tree.get(n)] = refused ? reply.getFirst() : reply.get(n);
      }
    }
    return List.of(ordered);
  }
}
