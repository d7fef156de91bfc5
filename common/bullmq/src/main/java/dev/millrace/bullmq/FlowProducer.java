package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Adds jobs that wait for other jobs, in whatever queues those are, and reads such trees back.
 *
 * <p>A flow is added as a whole or not at all: if one of its jobs is refused, nothing has been
 * written. A parent runs when its last child has completed; what a failed child means to its parent
 * is said by the child's options, and without one of them the parent goes on waiting. On a Redis
 * Cluster all queues must be in the slot that the connections are for. Thread-safe; it owns no
 * connection.
 */
public final class FlowProducer {
  private static final int JOBS_PER_CALL = 250;
  private static final int CHARACTERS_PER_CALL = 1 << 20;
  private static final int DEPTH = 10;
  private static final int CHILDREN = 20;

  private final RedisConnections connections;
  private final QueueOptions options;

  /**
   * @param options the prefix where a job says no other, the clients that share the queues, and the
   *     defaults of jobs in queues that a call has none for
   */
  public FlowProducer(RedisConnections connections, QueueOptions options) {
    this.connections = connections;
    this.options = options;
  }

  /** As {@link #add(FlowJob, Map)}, without defaults by queue. */
  public JobNode add(FlowJob flow) {
    return add(flow, Map.of());
  }

  /**
   * Adds a flow.
   *
   * @param defaults the options of jobs that do not say otherwise, by name of their queue
   * @return the jobs as they were added, in the shape of the flow; a job whose id is taken shows
   *     the id it shares, and what was asked for
   * @throws JobOperationException.Missing when the root names a parent that does not exist
   * @throws JobOperationException.Conflict when a job of that id is another parent's child
   * @throws IllegalArgumentException when options contradict each other, a job is its own ancestor,
   *     or the connections do not reach a queue
   */
  public JobNode add(FlowJob flow, Map<String, JobOptions> defaults) {
    return addBulk(List.of(flow), defaults).getFirst();
  }

  /** As {@link #addBulk(List, Map)}, without defaults by queue. */
  public List<JobNode> addBulk(List<FlowJob> flows) {
    return addBulk(flows, Map.of());
  }

  /**
   * Adds flows in order, in as few calls as their size allows. All are checked before any is sent;
   * each is added as a whole or not at all.
   *
   * @throws BullMqException of the first flow that was refused; the others are added all the same
   */
  public List<JobNode> addBulk(List<FlowJob> flows, Map<String, JobOptions> defaults) {
    if (flows.isEmpty()) {
      return List.of();
    }
    var keys = new Keys(options.prefix(), flows.getFirst().queue());
    var span = new Tracing(connections.telemetry(), keys.queue()).addFlows(flows.size());
    try (span) {
      var now = connections.clock().millis();
      var plans =
          flows.stream().map(flow -> new FlowPlan(flow, options, defaults, span, now)).toList();
      plans.forEach(plan -> plan.queues().forEach(connections::requireReach));
      return add(plans);
    } catch (RuntimeException e) {
      span.failed(e);
      throw e;
    }
  }

  private List<JobNode> add(List<FlowPlan> plans) {
    var batches = batches(plans);
    var replies = new ArrayList<CompletableFuture<List<Object>>>();
    for (var batch : batches) {
      replies.add(send(batch));
    }
    var outcomes = new ArrayList<CompletableFuture<JobNode>>();
    for (var b = 0; b < batches.size(); b++) {
      var batch = batches.get(b);
      for (var i = 0; i < batch.size(); i++) {
        var plan = batch.get(i);
        var place = i;
        outcomes.add(replies.get(b).thenApply(reply -> plan.added((List<?>) reply.get(place))));
      }
    }
    // Not one by one in a stream: all flows have their end before the first refusal is told.
    return outcomes.stream().map(outcome -> Scripts.await(outcome, "add flows")).toList();
  }

  private CompletableFuture<List<Object>> send(List<FlowPlan> flows) {
    var scripts = scripts(flows.getFirst().keys());
    var arguments = scripts.arguments(scripts.now());
    flows.forEach(flow -> flow.addArguments(arguments));
    return scripts.send(Script.FLOW, arguments);
  }

  private static List<List<FlowPlan>> batches(List<FlowPlan> plans) {
    var batches = new ArrayList<List<FlowPlan>>();
    var jobs = 0;
    var characters = 0;
    for (var plan : plans) {
      jobs += plan.size();
      characters += plan.characters();
      if (batches.isEmpty() || jobs > JOBS_PER_CALL || characters > CHARACTERS_PER_CALL) {
        batches.add(new ArrayList<>());
        jobs = plan.size();
        characters = plan.characters();
      }
      batches.getLast().add(plan);
    }
    return batches;
  }

  /** As {@link #flow(String, String, int, int)}, 10 levels deep with 20 children of each kind. */
  public Optional<JobNode> flow(String queue, String id) {
    return flow(queue, id, DEPTH, CHILDREN);
  }

  /**
   * Reads a job with its children, theirs, and so on.
   *
   * @param depth how many levels to read, at least 1: the job alone
   * @param maxChildren how many children of each {@link ChildKind} to read per job, at least 1
   * @return empty if there is no such job; children that are gone are left out
   */
  public Optional<JobNode> flow(String queue, String id, int depth, int maxChildren) {
    return flow(options.prefix(), queue, id, depth, maxChildren);
  }

  /** As {@link #flow(String, String, int, int)}, of a queue with another prefix. */
  public Optional<JobNode> flow(
      String prefix, String queue, String id, int depth, int maxChildren) {
    if (depth < 1 || maxChildren < 1) {
      throw new IllegalArgumentException(
          "depth and maxChildren must be at least 1 but are %d and %d"
              .formatted(depth, maxChildren));
    }
    var keys = new Keys(prefix, queue);
    return new FlowReader(scripts(keys), maxChildren).read(keys, id, depth);
  }

  private Scripts scripts(Keys keys) {
    return new Scripts(connections, keys, options.compat(), false);
  }
}
