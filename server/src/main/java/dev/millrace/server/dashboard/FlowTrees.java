package dev.millrace.server.dashboard;

import dev.millrace.bullmq.ChildCounts;
import dev.millrace.bullmq.FlowProducer;
import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.JobNode;
import dev.millrace.bullmq.Queue;
import dev.millrace.server.dashboard.BoardQueue.FlowWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Reads trees of BullMQ jobs, from the one that has no parent down. */
final class FlowTrees {
  /** Jobs that are shown; wide but flat trees have more. */
  private static final int MOST_NODES = 200;

  /** A chain of parents that goes on for ever is somebody's mistake. */
  private static final int HIGHEST = 100;

  private final FlowProducer flows;
  private final Function<String, Queue> queues;
  private final JsonMapper json;

  FlowTrees(FlowProducer flows, Function<String, Queue> queues, JsonMapper json) {
    this.flows = flows;
    this.queues = queues;
    this.json = json;
  }

  private record Place(Queue queue, String id) {}

  /** Returns {@code JobFlow} for a job that exists. */
  Optional<ObjectNode> read(Queue queue, String id, FlowWindow window) {
    var answer = json.createObjectNode().put("nodeId", id);
    var here = new Place(queue, id);
    var root = window.fromJob() ? Optional.of(here) : top(here);
    var tree =
        root.flatMap(place ->
            flows.flow(place.queue().name(), place.id(), window.depth(), window.maxChildren()));
    if (tree.isEmpty()) {
      return Optional.of(answer.put("isFlowNode", false).putNull("flowRoot"));
    }
    var node = new Growth(window).grow(tree.get());
    answer.put("isFlowNode", !node.path("children").isEmpty());
    return Optional.of(answer.set("flowRoot", node));
  }

  /** Follows parents; empty when one of them is gone. */
  private Optional<Place> top(Place from) {
    var place = from;
    for (var height = 0; height < HIGHEST; height++) {
      var job = place.queue().job(place.id());
      if (job.isEmpty()) {
        return Optional.empty();
      }
      var parent = job.get().options().parent();
      if (parent == null || parent.id().isEmpty() || parent.queue().isEmpty()) {
        return Optional.of(place);
      }
      var prefix = place.queue().options().prefix() + ":";
      if (!parent.queue().startsWith(prefix)) {
        return Optional.empty();
      }
      place = new Place(queues.apply(parent.queue().substring(prefix.length())), parent.id());
    }
    return Optional.empty();
  }

  /** One tree being written. */
  private final class Growth {
    private final FlowWindow window;
    private final int budget;
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();
    private int count = 1;

    private record Branch(JobNode job, ObjectNode node) {}

    Growth(FlowWindow window) {
      this.window = window;
      budget = window.depth() <= 2 ? Math.max(MOST_NODES, window.maxChildren()) : MOST_NODES;
    }

    ObjectNode grow(JobNode tree) {
      var root = node(tree.job());
      var level = List.of(new Branch(tree, root));
      for (var depth = 1; !level.isEmpty(); depth++) {
        level = below(level, depth >= window.depth());
      }
      try {
        pending.forEach(CompletableFuture::join);
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw e;
      }
      return root;
    }

    private List<Branch> below(List<Branch> level, boolean deepest) {
      var next = new ArrayList<Branch>();
      for (var branch : level) {
        var children = (ArrayNode) branch.node().get("children");
        var cut = false;
        for (var child : branch.job().children().stream().limit(window.maxChildren()).toList()) {
          if (count > budget) {
            cut = true;
            break;
          }
          var node = node(child.job());
          children.add(node);
          next.add(new Branch(child, node));
          count++;
        }
        var isCut = cut;
        // States and counts are read side by side; each node is one thread's.
        pending.add(
            CompletableFuture.runAsync(
                () -> complete(branch, isCut, deepest), Thread::startVirtualThread));
      }
      return next;
    }

    private void complete(Branch branch, boolean cut, boolean deepest) {
      var job = branch.job().job();
      var queue = queues.apply(job.queue());
      var children = queue.getters().children(job.id());
      var counts = children.counts();
      var all = counts.processed() + counts.unprocessed() + counts.ignored() + counts.failed();
      var node = branch.node();
      synchronized (node) {
        node.put("state", queue.state(job.id()).wireName());
        if (all > 0) {
          node.set("dependencies", counts(counts));
        }
        if (counts.ignored() > 0) {
          var reasons = children.ignoredFailures();
          if (!reasons.isEmpty()) {
            node.set("ignoredChildFailureReasons", json.valueToTree(reasons));
          }
        }
        // Not by comparing with those that are shown: some of them are gone from Redis.
        if (cut || all > (deepest ? 0 : window.maxChildren())) {
          node.put("truncated", true);
        }
      }
    }

    private ObjectNode counts(ChildCounts counts) {
      return json.createObjectNode()
          .put("processed", counts.processed())
          .put("unprocessed", counts.unprocessed())
          .put("ignored", counts.ignored())
          .put("failed", counts.failed());
    }

    private ObjectNode node(Job job) {
      var node = json.createObjectNode().put("id", job.id()).put("name", job.name());
      node.putRawValue("progress", new RawValue(job.progress()));
      node.put("state", "unknown").put("queueName", job.queue()).putArray("children");
      return node;
    }
  }
}
